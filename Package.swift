// swift-tools-version: 6.2

import PackageDescription

/// Every target is built the same way: Swift 6, every unsafe use visible, no warning tolerated.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableExperimentalFeature("Lifetimes"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

/// A target of the engine; it may import only what its entry lists, which is always of a lower rank.
func engine(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, exclude: ["README.md"], swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// What several test targets share; no product links it.
func support(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: settings)
}

let package = Package(
  name: "riffle",
  products: [
    .executable(name: "riffle", targets: ["riffle"]),
    // For the benchmarks, which are a package of their own.
    .library(name: "CMimalloc", targets: ["CMimalloc"]),
    .library(name: "ColdStore", targets: ["ColdStore"]),
    .library(name: "Columns", targets: ["Columns"]),
    .library(name: "Commerce", targets: ["Commerce"]),
    .library(name: "Encodings", targets: ["Encodings"]),
    .library(name: "Ingest", targets: ["Ingest"]),
    .library(name: "Kafka", targets: ["Kafka"]),
    .library(name: "Query", targets: ["Query"]),
  ],
  targets: [
    // Rank 0: C libraries of the distribution.
    .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CMimalloc", providers: [.apt(["libmimalloc-dev"])]),
    .systemLibrary(name: "CProcessor"),
    .systemLibrary(name: "CRdKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
    .systemLibrary(name: "CYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CMicrohttpd", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
    .systemLibrary(name: "CGnuTLS", pkgConfig: "gnutls", providers: [.apt(["libgnutls28-dev"])]),
    // Ranks 1 to 10, in the order of the data's path; `Sources/README.md` tells the story.
    engine("Columns"),
    engine("Kafka", ["CRdKafka"]),
    engine("Telemetry"),
    engine("Encodings", ["CProcessor", "CLZ4", "CZstd", "Columns"]),
    engine("ColdStore", ["Columns", "Encodings"]),
    engine("Parquet", ["Encodings"]),
    engine("HotIndex"),
    engine("Dataflow", ["Columns"]),
    engine("Windows", ["Columns", "Encodings", "HotIndex", "Dataflow"]),
    engine("Checkpoints", ["Columns", "Telemetry", "Encodings", "ColdStore", "Dataflow"]),
    engine("Ingest", ["Columns", "Kafka", "Encodings", "Dataflow", "Windows", "Checkpoints"]),
    engine("Landing", ["Columns", "Encodings", "ColdStore", "HotIndex", "Dataflow", "Windows", "Checkpoints"]),
    engine(
      "Commerce",
      [
        "Columns", "Kafka", "Telemetry", "Encodings", "ColdStore", "HotIndex", "Dataflow", "Windows", "Checkpoints",
        "Ingest",
        "Landing",
      ]),
    engine("Shoppers", ["Columns"]),
    engine(
      "Query",
      [
        "Columns", "Telemetry", "Encodings", "ColdStore", "Parquet", "HotIndex", "Windows", "Checkpoints", "Ingest",
        "Landing", "Commerce",
      ]),
    engine(
      "Serving",
      [
        "CGnuTLS", "CMicrohttpd", "CZlib", "Columns", "ColdStore", "HotIndex", "Telemetry", "Dataflow", "Windows",
        "Checkpoints", "Ingest", "Landing", "Commerce", "Query",
      ]),
    engine(
      "Outbox",
      [
        "Columns", "Kafka", "Telemetry", "ColdStore", "HotIndex", "Windows", "Checkpoints", "Ingest", "Landing",
        "Commerce", "Query",
      ]),
    .executableTarget(
      name: "riffle",
      dependencies: [
        "CMimalloc", "CYaml", "Columns", "Encodings", "ColdStore", "Dataflow", "Windows", "Checkpoints", "Ingest",
        "Landing", "Commerce", "Shoppers", "Query", "Kafka", "Telemetry", "Serving", "Outbox",
      ],
      exclude: ["README.md"],
      swiftSettings: settings),
    // What tests share.
    support("TestSupport"),
    support(
      "CommerceTestSupport",
      ["TestSupport", "Columns", "ColdStore", "Dataflow", "Windows", "Checkpoints", "Landing", "Commerce", "Query"]),
    support(
      "PlainReference",
      ["Columns", "Encodings", "ColdStore", "Dataflow", "Windows", "Checkpoints", "Landing", "Commerce"]),
    support(
      "Simulation",
      [
        "PlainReference", "TestSupport", "Columns", "Kafka", "ColdStore", "Dataflow", "Windows", "Checkpoints",
        "Ingest", "Landing", "Commerce", "Shoppers",
      ]),
    // `make simulate`: the simulation for as many seeds as one likes; no product.
    .executableTarget(
      name: "simulate", dependencies: ["Simulation", "TestSupport"], path: "Tests/SimulateCommand",
      swiftSettings: settings),
    // Whatever reads bytes, with seeds; `fuzz` (`make fuzz`) is the fuzzer of it, no product.
    support(
      "Fuzzing",
      [
        "CommerceTestSupport", "TestSupport", "Columns", "Telemetry", "Encodings", "ColdStore", "Windows",
        "Checkpoints", "Ingest", "Commerce", "Query", "Serving",
      ]),
    .executableTarget(
      name: "fuzz", dependencies: ["Fuzzing"], path: "Tests/FuzzCommand", swiftSettings: settings),
    tests("FuzzingTests", ["Fuzzing", "TestSupport"]),
    tests("SimulationTests", ["Simulation", "TestSupport", "ColdStore"]),
    tests("ColumnsTests", ["Columns"]),
    support("KafkaTestSupport", ["Kafka"]),
    tests("KafkaTests", ["Columns", "Kafka", "KafkaTestSupport"]),
    tests("EncodingsTests", ["TestSupport", "Columns", "Encodings"]),
    tests("WindowsTests", ["TestSupport", "Columns", "Encodings", "HotIndex", "Dataflow", "Windows"]),
    tests("ShoppersTests", ["Columns", "Shoppers"]),
    tests("IngestTests", ["TestSupport", "Columns", "Encodings", "Dataflow", "Windows", "Ingest"]),
    tests("ColdStoreTests", ["TestSupport", "Columns", "Encodings", "ColdStore"]),
    tests("ParquetTests", ["TestSupport", "Columns", "Encodings", "Parquet"]),
    tests("CheckpointsTests", ["TestSupport", "Columns", "Encodings", "ColdStore", "Dataflow", "Checkpoints"]),
    tests(
      "riffleTests",
      [
        "TestSupport", "KafkaTestSupport", "Columns", "Windows", "Ingest", "Commerce", "Shoppers", "Query", "Kafka",
        "Telemetry", "Serving", "riffle",
      ]),
    tests("DataflowTests", ["TestSupport", "Dataflow"]),
    tests(
      "LandingTests",
      [
        "CommerceTestSupport", "TestSupport", "Columns", "Encodings", "ColdStore", "Dataflow", "Windows",
        "Checkpoints", "Landing", "Commerce", "Shoppers", "Query",
      ]),
    tests(
      "QueryTests",
      [
        "CommerceTestSupport", "TestSupport", "Columns", "ColdStore", "HotIndex", "Windows", "Checkpoints", "Landing",
        "Commerce", "Shoppers", "Query",
      ]),
    tests(
      "CommerceTests",
      [
        "CommerceTestSupport", "PlainReference", "TestSupport", "Columns", "Kafka", "Encodings", "ColdStore",
        "Dataflow", "Windows", "Checkpoints", "Ingest", "Landing", "Commerce", "Shoppers", "Query",
      ]),
    tests(
      "LiveTests",
      [
        "KafkaTestSupport", "CommerceTestSupport", "TestSupport", "Columns", "Kafka", "Telemetry", "ColdStore",
        "HotIndex", "Dataflow", "Windows", "Checkpoints", "Ingest", "Landing", "Commerce", "Shoppers", "Query",
        "Serving", "Outbox", "riffle",
      ]),
    tests(
      "OutboxTests",
      [
        "CommerceTestSupport", "TestSupport", "Columns", "Kafka", "Windows", "Checkpoints", "Landing", "Commerce",
        "Shoppers", "Query", "Outbox",
      ]),
    tests("HotIndexTests", ["TestSupport", "HotIndex"]),
    tests("TelemetryTests", ["TestSupport", "Telemetry"]),
    tests(
      "ServingTests",
      [
        "CZlib", "CommerceTestSupport", "TestSupport", "Columns", "HotIndex", "Telemetry", "Dataflow", "Windows",
        "Checkpoints", "Ingest", "Commerce", "Query", "Serving",
      ]),
    tests("TidyTests", []),
  ]
)
