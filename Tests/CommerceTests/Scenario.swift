import Columns
import Commerce
import Shoppers
import TestSupport

/// One random world: traffic, settings, and how the job is run on it.
struct Scenario: CustomStringConvertible {
  let seed: UInt64
  var traffic = TrafficOptions()
  var settings = JobSettings()
  var random: SeededRandom

  var description: String {
    "seed \(seed): \(traffic.partitions) partitions, \(traffic.eventCount) lines, by \(traffic.key), in order of "
      + "\(traffic.order), \(settings.keyGroupCount) key groups, batches of \(settings.maximumBatchRecords), lateness "
      + "\(settings.allowedLatenessMilliseconds), horizon \(settings.deduplicationHorizonMilliseconds)"
  }

  /// - Parameter count: lines; few enough for the smallest batches.
  init(seed: UInt64, count: Int = 1_500) {
    self.seed = seed
    random = SeededRandom(seed: seed)
    settings.maximumBatchRecords = choose([1, 7, 1000, 8192])
    settings.keyGroupCount = choose([1, 4, 7])
    settings.allowedLatenessMilliseconds = choose([0, 60_000, 600_000, 600_000])
    settings.deduplicationHorizonMilliseconds = choose([600_000, 3_600_000])
    settings.maximumDriftMilliseconds = choose([1_000, 60_000])
    settings.rowGroupRows = choose([64, 65_536])
    settings.maximumMessageBytes = 4_096
    traffic.seed = seed
    traffic.eventCount = settings.maximumBatchRecords == 1 ? count / 3 : count
    traffic.partitions = choose([1, 2, 3, 5])
    traffic.key = choose([.session, .user])
    traffic.order = choose([.time, .time, .sessionEnd])
    traffic.spanMilliseconds = choose([1, 3, 8]) * EventTime.hour
    traffic.users = choose([20, 200])
    traffic.duplicateRate = 0.02
    traffic.farDuplicateRate = 0.03
    traffic.farDuplicateMilliseconds = 4 * EventTime.hour
    traffic.malformedRate = 0.03
    traffic.tooLongBytes = 5_000
    traffic.lateRate = choose([0.0, 0.02, 0.1])
    traffic.latenessMilliseconds = 90 * EventTime.minute
    traffic.timeFormRate = 0.1
    traffic.refundRate = 0.3
  }

  mutating func choose<Value>(_ values: [Value]) -> Value { random.choose(values) }

  /// The lines of each partition.
  func lines() throws -> [[[UInt8]]] {
    var lines = [[[UInt8]]](repeating: [], count: traffic.partitions)
    for line in try Traffic(traffic) { lines[line.partition].append(line.bytes) }
    return lines
  }
}
