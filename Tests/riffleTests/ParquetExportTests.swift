import Foundation
import TestSupport
import Testing

@testable import riffle

/// `riffle export --format parquet`, read back by what other engines are built on.
@Suite struct ParquetExportTests {
  private let place = TemporaryDirectory()
  private var data: String { place.file("data") }

  /// A Python that has `duckdb` and `pyarrow`.
  private static let python = ProcessInfo.processInfo.environment["RIFFLE_PARQUET_PYTHON"]
  private static let reason: String = "set RIFFLE_PARQUET_PYTHON to a Python that has duckdb and pyarrow"

  private static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Acceptance/parquet.py").path

  private func backfill(events: Int) {
    let file = place.file("events.ndjson")
    let damage = ["--malformed", "0.02", "--duplicates", "0.02"]
    #expect(Riffle.main(["produce", "--to", file, "--events", "\(events)", "--seed", "9"] + damage, [:]) == .success)
    #expect(Riffle.main(["backfill", file, "--data", data], [:]) == .success)
  }

  private func export(_ table: String, _ format: String, _ more: String...) -> String {
    let output = place.file("\(table)\(more.joined()).\(format)")
    let words = ["export", "--table", table, "--data", data, "--format", format, "--output", output]
    #expect(Riffle.main(words + more, [:]) == .success)
    return output
  }

  @Test(.enabled(if: python != nil, Comment(rawValue: reason)))
  func otherEnginesReadTheSame() throws {
    backfill(events: 20_000)
    let exports =
      [
        ("events", []), ("sessions", []), ("orders", []), ("dead_letters", []), ("kpi_1m", []), ("kpi_1m", ["--raw"]),
        ("kpi_1m", ["--with-completeness"]),
      ] as [(String, [String])]
    var arguments = [Self.script]
    for (table, more) in exports {
      for format in ["ndjson", "parquet"] {
        arguments.append(more.isEmpty ? export(table, format) : export(table, format, more[0]))
      }
    }
    let process = Process()
    process.executableURL = URL(filePath: try #require(Self.python))
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(said)")
    #expect(said.split(separator: "\n").count == exports.count, "\(said)")
  }

  @Test func aFileHasItsNameWhenItIsWhole() throws {
    backfill(events: 500)
    let path = export("events", "parquet")
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    #expect(bytes.starts(with: Array("PAR1".utf8)) && bytes.suffix(4) == Array("PAR1".utf8)[...])
    #expect(export("sessions", "csv").hasSuffix("csv") && export("dead_letters", "parquet").hasSuffix("parquet"))
    // What fails leaves what was there, and nothing else.
    let words = ["export", "--table", "nothing", "--data", data, "--format", "parquet", "--output", path]
    #expect(Riffle.main(words, [:]) == .cannotOpenInput)
    #expect([UInt8](try Data(contentsOf: URL(filePath: path))) == bytes)
    let names = try FileManager.default.contentsOfDirectory(atPath: place.path).sorted()
    #expect(!names.contains { $0.hasSuffix(".tmp") }, "\(names)")
  }

  @Test func aPipeIsWrittenTo() throws {
    backfill(events: 300)
    let words = ["export", "--table", "kpi_1m", "--data", data, "--output", "/dev/null"]
    #expect(Riffle.main(words, [:]) == .success)
    #expect(!FileManager.default.fileExists(atPath: "/dev/null.tmp"))
    #expect(Riffle.main(words.dropLast() + [place.file("no/where")], [:]) == .cannotCreate)
  }
}
