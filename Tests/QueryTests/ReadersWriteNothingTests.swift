import Checkpoints
import Commerce
import CommerceTestSupport
import Foundation
import Landing
import Query
import TestSupport
import Testing

@Suite struct ReadersWriteNothingTests {
  /// Every reader works on a directory where nothing may change.
  @Test func aReadOnlyDirectoryCanBeRead() throws {
    let shop = try Shop(JobSettings(), EventLine.views("a", session: "s", minutes: [0, 1]) + [[]])
    let folders = ["data", "data/commits", "data/states", "data/events"].map(shop.place.file)
    for folder in folders { try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder) }
    defer {
      for folder in folders { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder) }
    }
    let before = try shop.place.contents(of: "data")
    // The system lets a superuser write anyway; this file system lets nobody.
    let disk = FaultyFileSystem(failsAt: 1)
    let snapshot = try Snapshot(directory: shop.run.directory, fileSystem: disk)
    let job = shop.run.job
    for table in ["events", "sessions", "orders", "dead_letters", "kpi_1m"] {
      try Export.run(snapshot, job: job, table: table, options: Export.Options()) { #expect(!$0.isEmpty) }
    }
    #expect(try Summary.json(snapshot, job: job).contains(#""received": 3"#))
    #expect(try Verification.run(snapshot, job: job).isGood)
    #expect(try Inspection.json(snapshot, table: nil).contains(#""epoch":"#))
    #expect(try Inspection.text(snapshot, table: "events").contains("table events: 2 rows"))
    #expect(disk.changes == 0)
    #expect(try shop.place.contents(of: "data") == before)
  }

  @Test func whatIsNoDataDirectoryStaysAsItIs() throws {
    let place = TemporaryDirectory()
    let disk = FaultyFileSystem(failsAt: 1)
    #expect(throws: DataDirectoryError.self) { try Snapshot(directory: place.path, fileSystem: disk) }
    #expect(try CommitLog(directory: place.path, fileSystem: disk).newest() == nil)
    #expect(throws: DataDirectoryError.self) { try Snapshot(directory: place.file("none"), fileSystem: disk) }
    #expect(disk.changes == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.path).isEmpty)
  }
}
