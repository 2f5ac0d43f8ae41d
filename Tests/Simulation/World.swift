internal import Columns
internal import Commerce
internal import Landing
internal import PlainReference
internal import Shoppers
internal import TestSupport
internal import Windows

/// What one seed makes: traffic, settings, and how the engine reads it.
struct World: CustomStringConvertible {
  enum Input: String {
    case files
    /// A topic that is written to while it is read.
    case topic
  }

  let seed: UInt64
  var random: SeededRandom
  var settings = JobSettings()
  var traffic = TrafficOptions()
  let input: Input
  /// Whether late messages are judged all along; always so for a topic.
  let repairsAlong: Bool
  /// By partition.
  private(set) var messages: [[SimulatedLog.Message]] = []
  /// When each partition came into being.
  private(set) var births: [Int64] = []

  init(seed: UInt64) throws {
    self.seed = seed
    random = SeededRandom(seed: seed)
    input = random.choose([.files, .topic])
    repairsAlong = random.choose([true, false])
    chooseSettings()
    chooseSessions()
    chooseRollups()
    chooseTraffic()
    try makeMessages()
  }

  var description: String {
    "\(input.rawValue)\(repairsAlong ? ", repairs along" : ""), \(messages.map(\.count)) messages by \(traffic.key) "
      + "in order of \(traffic.order), \(settings.keyGroupCount) key groups, "
      + "batches of \(settings.maximumBatchRecords), lateness \(settings.allowedLatenessMilliseconds), "
      + "horizon \(settings.deduplicationHorizonMilliseconds), \(settings.sessionRules)"
  }

  // MARK: - Choices

  private mutating func chooseSettings() {
    chooseWhatMayChange()
    chooseLateness()
    settings.maximumMessageBytes = 4_096
    settings.idleTimeoutMilliseconds = random.choose([200, 1_000, 10_000])
    settings.liveThresholdMilliseconds = random.choose([10_000, 3_600_000])
    settings.repairIntervalMilliseconds = random.choose([1, 10_000, 20_000])
  }

  /// State moves with its keys, and batches are nobody's business: an engine may come back with others.
  mutating func chooseWhatMayChange() {
    // What is late is judged anew from then on; the tables come to the same.
    if random.happens(oneIn: 4) { chooseLateness() }
    settings.keyGroupCount = random.choose([1, 2, 3, 5])
    settings.maximumBatchRecords = random.choose([1, 3, 10, 1_000])
    settings.landingCredits = random.choose([1, 20, 60, 49_152])
    settings.maximumDriftMilliseconds = random.choose([1_000, 60_000, 3_600_000])
    settings.rowGroupRows = random.choose([3, 20, 65_536])
    settings.segmentBytes = random.choose([1_500, 6_000, 64 << 20])
    chooseCompaction()
    settings.sessionRetentionMilliseconds = random.choose([nil, nil, EventTime.minute, 30 * EventTime.minute])
    settings.orderRetentionMilliseconds = random.choose([nil, nil, EventTime.minute, 30 * EventTime.minute])
    settings.kpiRetentionMilliseconds = random.choose([nil, nil, EventTime.minute, 30 * EventTime.minute])
  }

  /// Much is merged, so that every step of it is interrupted at times.
  private mutating func chooseCompaction() {
    settings.compaction.intervalMilliseconds = random.choose([nil, 1, 1, 1, 20_000])
    settings.compaction.fanIn = random.choose([2, 2, 2, 4])
    settings.compaction.smallestBytes = random.choose([1_024, 4_096, 1 << 20])
    settings.compaction.rowGroupRows = random.choose([2, 30, 262_144])
    settings.compaction.memoryBytes = random.choose([500, 5_000, 256 << 20])
    settings.compaction.tailGroups = random.choose([1, 1, 2, 5, 720])
  }

  private mutating func chooseLateness() {
    settings.allowedLatenessMilliseconds = random.choose([0, 60_000, 600_000])
    settings.deduplicationHorizonMilliseconds = random.choose([60_000, 600_000, 3_600_000])
    settings.outOfOrdernessMilliseconds = random.choose([0, 5_000, 60_000])
  }

  private mutating func chooseSessions() {
    settings.sessionRules = SessionRules(
      gapMilliseconds: random.choose([1, 5, 30, 30]) * EventTime.minute,
      lengthMilliseconds: random.choose([nil, 20 * EventTime.minute, 24 * EventTime.hour]),
      maximumEvents: random.choose([nil, 3, 10_000]), isGapInclusive: random.choose([true, false]),
      cutsAtMidnight: random.choose([true, false]), cutsOnCampaign: random.choose([true, false]))
  }

  /// Panes of the rollups are the reference's: minutes and days of UTC.
  private mutating func chooseRollups() {
    if random.happens(oneIn: 2) {
      settings.rollups.append(
        JobSettings.Rollup(
          name: "kpi_hopping",
          shape: .hopping(size: 5 * EventTime.minute, slide: random.choose([1, 2, 3]) * EventTime.minute),
          groupBy: ["geo_country"]))
    }
    if random.happens(oneIn: 2) {
      settings.rollups.append(
        JobSettings.Rollup(
          name: "kpi_daily", shape: .calendar(.day, zone: .utc), groupBy: ["device_os", "geo_country"]))
    }
  }

  private mutating func chooseTraffic() {
    traffic.seed = seed
    traffic.eventCount = random.choose([10, 25, 50, 100])
    // Noon, or half an hour before midnight.
    traffic.start = random.choose([1_700_136_000_000, 1_700_177_400_000])
    traffic.spanMilliseconds = random.choose([5, 60, 240]) * EventTime.minute
    traffic.partitions = random.choose([1, 2, 3, 4])
    traffic.key = random.choose([.session, .user])
    traffic.order = random.choose([.time, .time, .sessionEnd])
    traffic.users = random.choose([2, 8, 40])
    traffic.products = 50
    traffic.duplicateRate = 0.05
    traffic.farDuplicateRate = random.choose([0, 0.1])
    traffic.farDuplicateMilliseconds = 2 * EventTime.hour
    traffic.malformedRate = 0.05
    traffic.tooLongBytes = 5_000
    traffic.lateRate = random.choose([0, 0.05, 0.3])
    traffic.latenessMilliseconds = 90 * EventTime.minute
    traffic.timeFormRate = 0.1
    traffic.refundRate = 0.3
  }

  private mutating func makeMessages() throws {
    let lines = Array(try Traffic(traffic))
    births = (0..<traffic.partitions).map { _ in traffic.start }
    if let last = lines.last, input == .topic, traffic.partitions > 1, random.happens(oneIn: 3) {
      births[traffic.partitions - 1] += Int64(random.below(Int(max(1, last.arrivalTime - traffic.start))))
    }
    messages = births.map { _ in [] }
    for line in lines {
      messages[line.partition].append(
        SimulatedLog.Message(
          bytes: line.bytes, arrivalMilliseconds: max(line.arrivalTime, births[line.partition])))
    }
  }

  /// When the last message has arrived.
  var end: Int64 { messages.compactMap(\.last?.arrivalMilliseconds).max() ?? traffic.start }

  /// What each message is.
  func plainEvents() -> [[Result<PlainEvent, PlainReject>]] {
    messages.enumerated().map { partition, messages in
      messages.enumerated().map { offset, message in
        PlainEvent.parse(
          message.bytes, partition: partition, offset: offset, maximumBytes: settings.maximumMessageBytes)
      }
    }
  }
}
