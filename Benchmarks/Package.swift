// swift-tools-version: 6.2

import PackageDescription

/// The settings of the engine's own manifest.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableExperimentalFeature("Lifetimes"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

/// Benchmarks are a package of their own, so that users of the engine do not build them.
let package = Package(
  name: "benchmarks",
  dependencies: [.package(name: "riffle", path: "..")],
  targets: [
    .executableTarget(
      name: "benchmarks",
      dependencies: ["CMimalloc", "ColdStore", "Columns", "Commerce", "Encodings", "Ingest", "Kafka", "Query"].map {
        .product(name: $0, package: "riffle")
      },
      swiftSettings: settings),
    .executableTarget(
      name: "kafka",
      dependencies: [.product(name: "Columns", package: "riffle"), .product(name: "Kafka", package: "riffle")],
      swiftSettings: settings),
  ]
)
