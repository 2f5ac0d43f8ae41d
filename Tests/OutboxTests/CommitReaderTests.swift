import Columns
import Commerce
import CommerceTestSupport
import Query
import Shoppers
import Synchronization
import TestSupport
import Testing
import Windows

@testable import Outbox

/// What a topic gets of a run: whatever is skipped, lost or sent twice, who keeps the highest epoch holds the tables.
@Suite struct CommitReaderTests {
  private static var settings: JobSettings {
    var settings = JobSettings()
    settings.keyGroupCount = 2
    settings.maximumBatchRecords = 50
    settings.rowGroupRows = 64
    // Tails of several days, cut again and again.
    settings.segmentBytes = 20_000
    settings.rollups = [
      .init(name: "kpi_1m", shape: .tumbling(size: 60_000)),
      .init(name: "kpi_hop", shape: .hopping(size: 900_000, slide: 300_000), groupBy: ["geo_country"]),
    ]
    return settings
  }

  private static func files(_ place: TemporaryDirectory, seed: UInt64) throws -> [[String]] {
    var options = TrafficOptions()
    options.seed = seed
    options.eventCount = 1_200
    options.partitions = 2
    options.users = 40
    options.spanMilliseconds = 30 * EventTime.hour
    (options.duplicateRate, options.farDuplicateRate, options.malformedRate) = (0.02, 0.01, 0.03)
    (options.lateRate, options.latenessMilliseconds) = (0.1, 90 * EventTime.minute)
    var lines = [[[UInt8]]](repeating: [], count: 4)
    for (number, line) in try Array(Traffic(options)).enumerated() {
      // The second run has events of the first one's time.
      lines[line.partition + (number > 700 || number % 9 == 0 ? 2 : 0)].append(line.bytes)
    }
    let paths = try lines.enumerated().map { try place.write("part-\($0.offset)", lines: $0.element) }
    return [Array(paths[..<2]), Array(paths[2...])]
  }

  @Test(arguments: Array(1...6) as [UInt64]) func theHighestEpochsAreTheTables(seed: UInt64) throws {
    let place = TemporaryDirectory()
    let runs = try Self.files(place, seed: seed)
    var run = try EngineRun(Self.settings, in: place.file("data"))
    run.repairsAlong = true
    let job = run.job
    let results = CommitReader(directory: run.directory, seed: seed) { ResultMessages(job: job) }
    let letters = CommitReader(directory: run.directory, seed: seed) {
      DeadLetterMessages(table: TableNames.deadLetters)
    }
    let failure = Mutex<(any Error)?>(nil)
    run.onCommit = { commit in
      do {
        try results.offer(commit)
        try letters.offer(commit)
      } catch { failure.withLock { $0 = error } }
    }
    for paths in runs { try run.simulate(paths, seed: seed, checkpointOdds: 12, maximumCheckpoints: 60) }
    if let error = failure.withLock({ $0 }) { throw error }
    let commit = try #require(try run.newestCommit())
    try results.finish(commit)
    try letters.finish(commit)
    #expect(results.conflicts == [] && letters.conflicts == [], "seed \(seed)")
    #expect(results.crashCount > 0 && results.messageCount > results.kept.count, "seed \(seed)")
    try expectTables(run, results, letters, seed)
  }

  private func expectTables(_ run: EngineRun, _ results: CommitReader, _ letters: CommitReader, _ seed: UInt64) throws {
    var options = Export.Options()
    options.withCompleteness = true
    let expected = try ["kpi_1m", "kpi_hop"].flatMap { rollup in
      try run.export(rollup, options).split(separator: "\n").map { #"{"rollup":"\#(rollup)","# + $0.dropFirst() }
    }
    let found = results.kept.values.map(\.value)
    #expect(
      found.map(CommitReader.numbers).sorted() == expected.map(CommitReader.numbers).sorted(), "seed \(seed)")
    #expect(expected.contains { $0.contains("\"amended\"") }, "something came late")
    let stored = try run.cells(["topic", "partition", "offset"], of: "dead_letters")
    #expect(stored.count > 3)
    #expect(letters.kept.keys.sorted() == stored.map { $0.replacing(" ", with: "/") }.sorted(), "seed \(seed)")
  }
}
