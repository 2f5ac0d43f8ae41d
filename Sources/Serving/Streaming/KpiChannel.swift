internal import Columns
internal import Commerce
internal import HotIndex
internal import Telemetry
internal import Windows

/// The stream of one rollup as a value that decides: it is told what the engine knows, and says what is news.
///
/// News are windows that differ from what was said last, among those that can still change without anything unusual.
/// The last events are kept, so that who was away for a moment misses none; who was away for longer begins with a
/// snapshot, which is all of these windows at once. Knows nothing of clocks and clients.
struct KpiChannel: Sendable {
  /// Events that are kept for those who come back; the bytes bound those of large rollups.
  private static let keptCountMax = 1024
  private static let keptBytesMax = 1 << 20
  /// Windows of one event, the newest; who needs more asks `/kpis/history`.
  static let windowsMax = 300

  let rollup: Rollup
  private let settings: JobSettings
  private var sequence: UInt64 = 0
  private var lastID = ""
  /// What was said last of each window that is watched.
  private var known: [HotKey: HotWindow] = [:]
  /// Where the windows begin that were watched last: what becomes final is said once more.
  private var watchedFrom: Int64?
  private var lastSight: (revision: UInt64, commitEpoch: UInt64)?
  /// What a snapshot is made of, and the one that was made of it.
  private var sight: (writer: KpiEventJSON, windows: [HotWindow])?
  private var snapshotEvent: ServerSentEvent?
  private var kept: [ServerSentEvent] = []
  private var keptBytes = 0

  init(_ rollup: Rollup, _ settings: JobSettings) {
    self.rollup = rollup
    self.settings = settings
  }

  /// The event that says what has changed; nil where nothing has. O(watched windows).
  mutating func advance(_ status: EngineStatus, _ hot: HotSnapshot) -> ServerSentEvent? {
    guard lastSight.map({ $0 != (hot.revision, status.commitEpoch) }) ?? true else { return nil }
    let isFirst = lastSight == nil
    lastSight = (hot.revision, status.commitEpoch)
    let windows = watched(hot)
    let changed = windows.filter { known[key($0)] != $0 }
    guard isFirst || !changed.isEmpty else { return nil }
    known = Dictionary(windows.map { (key($0), $0) }, uniquingKeysWith: { first, _ in first })
    sequence += 1
    lastID = "\(Completeness.epoch(status, hot))-\(sequence)"
    let writer = KpiEventJSON(rollup, settings, status, hot, id: lastID, sequence: sequence)
    sight = (writer, windows)
    snapshotEvent = nil
    // With the first everybody begins.
    let event = isFirst ? snapshot() : writer.event("change", changed)
    if let event { keep(event) }
    return isFirst ? nil : event
  }

  /// All watched windows as they were said last; nil before the first `advance`. Made once, for all who ask.
  mutating func snapshot() -> ServerSentEvent? {
    if snapshotEvent == nil, let sight { snapshotEvent = sight.writer.event("snapshot", sight.windows) }
    return snapshotEvent
  }

  /// What came after the event `id`, in order; nil where that is not known any more, or never was.
  func events(after id: String) -> [ServerSentEvent]? {
    guard let index = kept.firstIndex(where: { $0.id == id }) else { return nil }
    return Array(kept[(index + 1)...])
  }

  /// The windows that can still change, and those that could when we looked last; ascending, the newest ones.
  private mutating func watched(_ hot: HotSnapshot) -> [HotWindow] {
    guard let hotRollup = hot.rollups[rollup.name], let newest = hotRollup.latest().first?.window.lowerBound else {
      return []
    }
    // No window that ends before this changes any more. Both bounds of time are possible watermarks.
    let settled = (hot.watermark ?? newest).subtractingReportingOverflow(settings.allowedLatenessMilliseconds)
    let from = min(newest, settled.overflow ? newest : settled.partialValue)
    defer { watchedFrom = from }
    let windows = hotRollup.windows(overlapping: min(from, watchedFrom ?? from)..<Int64.max)
    return windows.suffix(KpiChannel.windowsMax).filter { $0.eventCount > 0 }
  }

  private func key(_ window: HotWindow) -> HotKey {
    HotKey(rollup: rollup.name, window: window.window, group: window.group)
  }

  private mutating func keep(_ event: ServerSentEvent) {
    kept.append(event)
    keptBytes += event.bytes.count
    var excess = 0
    while kept.count - excess > KpiChannel.keptCountMax || keptBytes > KpiChannel.keptBytesMax, excess < kept.count {
      keptBytes -= kept[excess].bytes.count
      excess += 1
    }
    kept.removeFirst(excess)
  }
}

/// The data of an event.
struct KpiEventJSON: Sendable {
  private let printer: KpiWindowJSON
  private let status: EngineStatus
  private let asOf: Int64?
  private let id: String
  private let sequence: UInt64

  init(
    _ rollup: Rollup, _ settings: JobSettings, _ status: EngineStatus, _ hot: HotSnapshot, id: String, sequence: UInt64
  ) {
    printer = KpiWindowJSON(rollup, settings, Completeness(status, hot))
    self.status = status
    asOf = hot.now
    self.id = id
    self.sequence = sequence
  }

  func event(_ name: String, _ windows: [HotWindow]) -> ServerSentEvent {
    var json = JSONWriter()
    json.object { json in
      json.field("kind", name)
      json.field("rollup", printer.rollup.name)
      json.field("sequence", sequence)
      json.field("as_of", time: asOf)
      json.field("epoch", printer.completeness.epoch)
      json.field("count", windows.count)
      json.key("windows")
      json.array { json in
        for window in windows { json.object { printer.writeMembers(window, to: &$0) } }
      }
      writeTotals(to: &json)
      json.key("completeness")
      json.object { json in
        printer.completeness.writeMembers(to: &json)
        json.field("provisional", windows.contains(where: \.isProvisional))
        json.field("replaying", printer.completeness.isReplaying)
      }
    }
    return ServerSentEvent(id: id, name: name, json: json)
  }

  /// What became of all messages so far, of all partitions together.
  private func writeTotals(to json: inout JSONWriter) {
    let partitions = status.partitions
    func sum(_ count: KeyPath<PartitionStatus, Int64>) -> Int64 { partitions.reduce(0) { $0 + $1[keyPath: count] } }
    json.key("totals")
    json.object { json in
      json.field("partitions", partitions.count)
      json.field("lag", partitions.contains { $0.lag == nil } ? nil : partitions.reduce(0) { $0 + ($1.lag ?? 0) })
      json.field("received", sum(\.received))
      json.field("accepted", sum(\.accepted))
      json.field("duplicates", sum(\.duplicates))
      json.field("waiting", sum(\.waiting))
      json.field("dead_letters", sum(\.deadLetters))
    }
  }
}
