// swift-tools-version: 6.2

import PackageDescription

/// Benchmarks are a package of their own, so that users of the engine do not build them.
let package = Package(
  name: "benchmarks",
  dependencies: [.package(name: "riffle", path: "..")],
  targets: [
    .executableTarget(
      name: "decode",
      dependencies: [.product(name: "Columns", package: "riffle"), .product(name: "Ingest", package: "riffle")],
      swiftSettings: [.swiftLanguageMode(.v6)]),
    .executableTarget(
      name: "kafka",
      dependencies: [.product(name: "Columns", package: "riffle"), .product(name: "Kafka", package: "riffle")],
      swiftSettings: [.swiftLanguageMode(.v6)]),
  ]
)
