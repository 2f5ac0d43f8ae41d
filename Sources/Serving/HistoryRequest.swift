internal import Commerce
internal import HotIndex
internal import Query
internal import Windows

/// What `/kpis/history` was asked, checked; and the windows that answer it.
struct HistoryRequest: Sendable {
  static let limitDefault: Int64 = 1500
  static let limitMax: Int64 = 10_000
  /// Of event times that can be asked for: up to the year 9999.
  private static let times: ClosedRange<Int64> = 0...253_402_300_800_000
  static let minutesMax: Int64 = 527_040

  /// What the answer's windows are of: `rollup`, or what windows are merged into.
  let shown: Rollup
  let merging: HistoryMerging?
  let moment: Moment
  private let rollup: Rollup
  /// What was asked for; nil where there is no "now" yet that it could be relative to.
  let range: Range<Int64>?
  /// The range, snapped outward to windows.
  let snapped: Range<Int64>?
  private let limit: Int
  private let fillsZero: Bool
  private let bounds: [Range<Int64>]

  init(_ query: HTTPQuery, rollup: Rollup, moment: Moment) throws(HTTPFailure) {
    range = try HistoryRequest.range(query, asOf: moment.asOf)
    merging = try HistoryMerging(query, rollup, range)
    shown = merging?.rollup ?? rollup
    self.rollup = rollup
    self.moment = moment
    fillsZero = try query.choice("fill", of: ["none", "zero"]) == "zero"
    limit = Int(try query.integer("limit", default: HistoryRequest.limitDefault, in: 1...HistoryRequest.limitMax))
    if let range {
      let length = Int64(range.count)
      // Counted before they are listed: who asks for centuries of minutes must not cost their memory.
      let count = rollup.shape.windowCount(overMilliseconds: length)
      if merging == nil, count > 2 * HistoryRequest.limitMax { throw HistoryRequest.tooMany("about \(count)", limit) }
      if merging != nil, count > HistoryMerging.windowsMax { throw HistoryMerging.tooMany(count) }
      bounds = shown.shape.windows(overlapping: range)
      guard bounds.count <= limit else { throw HistoryRequest.tooMany("\(bounds.count)", limit) }
      snapped = shown.shape.hull(overlapping: range)
    } else {
      bounds = []
      snapped = nil
    }
  }

  /// The range that 'from', 'to' and 'minutes_back' say; nil where it is relative to a "now" that there is not yet.
  static func range(
    _ query: HTTPQuery, asOf: Int64?, minutesBack: Int64 = 60
  ) throws(HTTPFailure) -> Range<Int64>? {
    let (from, to) = (try time("from", query), try time("to", query))
    let minutes = try query.integer("minutes_back", in: 1...minutesMax)
    if from != nil, minutes != nil {
      throw .badParameter(name: "minutes_back", "cannot be combined with 'from'; give one of them")
    }
    guard let end = to ?? asOf.map({ $0 + 1 }) else { return nil }
    let start = from ?? max(0, end - (minutes ?? minutesBack) * 60_000)
    guard start < end else {
      let rule = to == nil ? "now, which is \(OutputValue.time(end - 1).text)" : "'to'"
      throw .badParameter(name: from == nil ? "to" : "from", "leaves nothing: the range must begin before \(rule)")
    }
    return start..<end
  }

  private static func time(_ name: String, _ query: HTTPQuery) throws(HTTPFailure) -> Int64? {
    guard let time = try query.time(name) else { return nil }
    guard times.contains(time) else {
      throw .badParameter(name: name, "must be a time from 1970 to the year 9999")
    }
    return time
  }

  private static func tooMany(_ count: String, _ limit: Int) -> HTTPFailure {
    .badParameter(
      name: "limit",
      "is \(limit), but the answer would have \(count) windows: shorten the range, take a coarser rollup, or raise the "
        + "limit (at most \(limitMax))")
  }

  // MARK: - Windows

  private var hot: HotRollup { moment.hot.rollups[rollup.name] ?? HotRollup() }

  /// Whether the range begins before the oldest window in memory, or holds one that only the store knows.
  var needsStore: Bool {
    guard let snapped else { return false }
    // What windows have in common is in the store only.
    if merging != nil { return true }
    return hot.oldestStart.map { snapped.lowerBound < $0 || hot.hasHole(in: snapped) } ?? true
  }

  /// What windows must overlap to be read: of steps, all that they are made of.
  private var reach: Range<Int64>? { merging?.merge.step == nil ? range : snapped }

  func storedWindows(_ snapshot: Snapshot, job: Job) throws -> KpiRows? {
    guard let reach else { return nil }
    return try KpiRows(snapshot, job: job, rollup: rollup.name, overlapping: reach)
  }

  /// The windows that answer the request, ascending. `stored` was read after memory.
  func windows(
    joining stored: KpiRows?, allowedLatenessMilliseconds: Int64
  ) throws(HTTPFailure) -> [HotWindow] {
    guard let reach else { return [] }
    let hot = hot.windows(overlapping: reach).filter { $0.eventCount > 0 }
    var windows = WindowSeries.joined(stored: stored.map { $0.windows.map($0.hotWindow) } ?? [], hot: hot)
    if let merging {
      windows = merging.merge.merge(windows, stored: stored?.windows ?? []) {
        status(of: $0, allowedLatenessMilliseconds)
      }
    }
    if fillsZero { windows = try filled(windows, allowedLatenessMilliseconds) }
    guard windows.count <= limit else { throw HistoryRequest.tooMany("\(windows.count)", limit) }
    return windows
  }

  /// Adds the windows in which nothing happened, of each group that there is in the range.
  private func filled(
    _ windows: [HotWindow], _ allowedLatenessMilliseconds: Int64
  ) throws(HTTPFailure) -> [HotWindow] {
    let groups = shown.groupBy.isEmpty ? [[]] : Set(windows.map(\.group))
    let count = bounds.count * groups.count
    guard count <= limit else { throw HistoryRequest.tooMany("\(count)", limit) }
    let zeros = bounds.flatMap { window in
      groups.map {
        HotWindow.empty(
          window, group: $0, measures: rollup.measures, status: status(of: window, allowedLatenessMilliseconds))
      }
    }
    return WindowSeries.joined(stored: zeros.sorted(by: HotWindow.precedes), hot: windows)
  }

  /// How far a window has come, but for what changed it late.
  private func status(of window: Range<Int64>, _ allowedLatenessMilliseconds: Int64) -> HotStatus {
    guard let watermark = moment.hot.watermark, watermark >= window.upperBound else { return .open }
    return watermark - window.upperBound >= allowedLatenessMilliseconds ? .final : .onTime
  }
}
