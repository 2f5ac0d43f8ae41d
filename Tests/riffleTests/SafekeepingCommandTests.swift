import Foundation
import TestSupport
import Testing

@testable import riffle

/// `backup`, `restore` and `rebuild` from the command line.
@Suite struct SafekeepingCommandTests {
  private let place = TemporaryDirectory()

  private func riffle(_ words: String...) -> ExitCode { Riffle.main(words, [:]) }

  private func backfill() {
    let file = place.file("events.ndjson")
    #expect(riffle("produce", "--to", file, "--events", "400", "--seed", "3", "--duplicates", "0.05") == .success)
    #expect(riffle("backfill", file, "--data", place.file("data")) == .success)
  }

  private func export(_ table: String, _ data: String, _ more: String...) throws -> String {
    let output = place.file("export")
    let words = ["export", "--table", table, "--data", place.file(data), "--output", output] + more
    #expect(Riffle.main(words, [:]) == .success)
    return try String(contentsOfFile: output, encoding: .utf8)
  }

  @Test func aBackupIsPutBack() throws {
    backfill()
    #expect(riffle("backup", "--data", place.file("data"), "--output", place.file("backup") + "/") == .success)
    #expect(riffle("backup", "--data", place.file("data"), "--output", place.file("backup")) == .cannotCreate)
    #expect(riffle("verify", "--data", place.file("backup")) == .success)
    #expect(
      riffle("restore", "--from", place.file("backup"), "--data", place.file("other"), "--set", "sessions.gap=5 min")
        == .cannotOpenInput, "the checks need the configuration of the backup")
    #expect(riffle("restore", "--from", place.file("backup"), "--data", place.file("restored")) == .success)
    #expect(riffle("restore", "--from", place.file("backup"), "--data", place.file("restored")) == .cannotCreate)
    for table in ["events", "sessions", "orders", "kpi_1m", "dead_letters"] {
      #expect(try export(table, "restored") == export(table, "data"))
    }
  }

  @Test func aDamagedBackupIsBadData() throws {
    backfill()
    #expect(riffle("backup", "--data", place.file("data"), "--output", place.file("backup")) == .success)
    let manifest = place.file("backup/MANIFEST.json")
    let text = try String(contentsOfFile: manifest, encoding: .utf8)
    try text.replacing(#""byte_count" : "#, with: #""byte_count" : 1"#).write(
      toFile: manifest, atomically: true, encoding: .utf8)
    #expect(riffle("restore", "--from", place.file("backup"), "--data", place.file("restored")) == .badData)
    #expect(riffle("restore", "--from", place.file("data"), "--data", place.file("restored")) == .cannotOpenInput)
    #expect(riffle("restore", "--from", place.file("nothing"), "--data", place.file("restored")) == .cannotOpenInput)
    #expect(riffle("backup", "--data", place.file("nothing"), "--output", place.file("x")) == .cannotOpenInput)
    #expect(riffle("rebuild", "--data", place.file("nothing")) == .cannotOpenInput)
    #expect(!FileManager.default.fileExists(atPath: place.file("restored")))
  }

  @Test func aChangedDefinitionIsRebuilt() throws {
    backfill()
    let sessions = try export("sessions", "data")
    let gap = "sessions.gap=2 min"
    #expect(riffle("export", "--table", "sessions", "--data", place.file("data"), "--set", gap) == .cannotOpenInput)
    #expect(riffle("rebuild", "--data", place.file("data"), "--set", gap, "--output", place.file("other")) == .success)
    #expect(try export("sessions", "data") == sessions)
    #expect(riffle("rebuild", "--data", place.file("data"), "--set", gap) == .success)
    #expect(riffle("verify", "--data", place.file("data"), "--set", gap) == .success)
    let changed = try export("sessions", "data", "--set", gap)
    #expect(try changed != sessions && changed == export("sessions", "other", "--set", gap))
    #expect(riffle("rebuild", "--data", place.file("data")) == .success)
    #expect(try export("sessions", "data") == sessions)
  }
}
