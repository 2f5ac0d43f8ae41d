import Commerce
import CommerceTestSupport
import TestSupport
import Windows

/// A data directory made by the real engine from a few messages.
struct Shop {
  let place = TemporaryDirectory()
  var run: EngineRun

  /// - Parameter partitions: the messages of each file, in order, called `part-0.ndjson` and so on.
  init(_ settings: JobSettings = JobSettings(), _ partitions: [[UInt8]]...) throws {
    run = try EngineRun(settings, in: place.file("data"))
    if !partitions.isEmpty { try read(try place.write(partitions)) }
  }

  /// Reads files more.
  func read(_ paths: [String], seed: UInt64 = 1) throws {
    try run.simulate(paths, seed: seed, checkpointOdds: 10, maximumCheckpoints: 2)
  }

  func read(_ name: String, _ lines: [[UInt8]]) throws { try read([try place.write(name, lines: lines)]) }

  /// Settings with one rollup called `kpi`.
  static func settings(_ shape: WindowShape, by columns: [String] = []) -> JobSettings {
    var settings = JobSettings()
    settings.rollups = [JobSettings.Rollup(name: "kpi", shape: shape, groupBy: columns)]
    return settings
  }
}
