import Testing

/// The path of the data as a rule: a target imports only targets of a lower rank.
@Suite struct RankTests {
  /// The rank of each target; `Sources/README.md` tells the path in this order.
  static let ranks: [String: Int] = [
    "Columns": 1, "Kafka": 1, "Telemetry": 1, "Encodings": 2, "ColdStore": 3, "Parquet": 3, "HotIndex": 3,
    "Dataflow": 4, "Windows": 5, "Checkpoints": 5, "Ingest": 6, "Landing": 6, "Commerce": 7, "Shoppers": 8, "Query": 8,
    "Serving": 9, "Outbox": 9, "riffle": 10,
  ]

  @Test func everyTargetHasARank() {
    for target in SourceTree.targets where !SystemLibrary.isName(target) {
      #expect(Self.ranks[target] != nil, "give \(target) a rank here and a paragraph in Sources/README.md")
    }
    for target in Self.ranks.keys {
      #expect(SourceTree.targets.contains(target), "\(target) has a rank but no folder")
    }
  }

  @Test func importsPointDownTheRanks() {
    for file in SourceTree.swiftFiles where file.path.hasPrefix("Sources/") {
      let target = String(file.path.split(separator: "/")[1])
      for line in file.lines {
        guard let imported = Self.importedModule(line), let rank = Self.ranks[imported] else { continue }
        #expect(rank < Self.ranks[target] ?? 0, "\(file.path) imports \(imported), which does not rank below \(target)")
      }
    }
  }

  @Test func eachSystemLibraryHasOneUserPerTask() {
    let users: [String: Set<String>] = [
      "CLZ4": ["Encodings"], "CProcessor": ["Encodings"], "CZstd": ["Encodings"], "CRdKafka": ["Kafka"],
      "CYaml": ["riffle"], "CMimalloc": ["riffle"], "CMicrohttpd": ["Serving"], "CGnuTLS": ["Serving"],
      "CZlib": ["Serving"],
    ]
    for file in SourceTree.swiftFiles where file.path.hasPrefix("Sources/") {
      let target = String(file.path.split(separator: "/")[1])
      for line in file.lines {
        guard let imported = Self.importedModule(line), let allowed = users[imported] else { continue }
        #expect(allowed.contains(target), "\(file.path) imports \(imported); only \(allowed.sorted()) may")
      }
    }
  }

  @Test(arguments: [
    ("import Columns", "Columns"), ("public import Columns", "Columns"), ("@testable import riffle", "riffle"),
    ("internal import struct Columns.Batch", "Columns"), ("  import Columns // why", "Columns"),
  ])
  func importsAreRecognized(_ line: String, _ module: String) {
    #expect(Self.importedModule(Substring(line)) == module)
  }

  @Test(arguments: ["// import Columns", "let important = 1", "", "importColumns()"])
  func otherLinesAreNoImports(_ line: String) { #expect(Self.importedModule(Substring(line)) == nil) }

  /// The module that a line imports.
  static func importedModule(_ line: Substring) -> String? {
    let words = line.split(separator: " ")
    guard let at = words.firstIndex(of: "import"), at + 1 < words.count else { return nil }
    let modifiers: Set<Substring> = ["public", "package", "internal", "fileprivate", "private", "@testable"]
    guard words[..<at].allSatisfy(modifiers.contains) else { return nil }
    let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
    let name = kinds.contains(words[at + 1]) && at + 2 < words.count ? words[at + 2] : words[at + 1]
    return name.split(separator: ".").first.map(String.init)
  }
}

/// The module maps of C libraries: `CLZ4`.
enum SystemLibrary {
  static func isName(_ target: String) -> Bool {
    target.hasPrefix("C") && SourceTree.exists("Sources/\(target)/module.modulemap")
  }
}
