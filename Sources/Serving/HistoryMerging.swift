internal import Columns
internal import HotIndex
internal import Query
internal import Telemetry
internal import Windows

/// What `step` and `group_by` of `/kpis/history` ask for, checked against a rollup.
struct HistoryMerging: Sendable {
  /// The most windows that one answer is made of.
  static let windowsMax: Int64 = 20_000

  let merge: KpiMerge
  /// The rollup as it would be if it were kept this way, for those who print it.
  let rollup: Rollup

  /// Nil where nothing is to be merged.
  ///
  /// - Parameter range: of time, which `max_points` is about.
  init?(_ query: HTTPQuery, _ rollup: Rollup, _ range: Range<Int64>?) throws(HTTPFailure) {
    var step = try HistoryMerging.step(query, rollup)
    if step != nil, query.text("max_points") != nil {
      throw .badParameter(name: "max_points", "cannot be combined with 'step'; give one of them")
    }
    if step == nil { step = try HistoryMerging.chosenStep(query, rollup, range) }
    let columns = try HistoryMerging.columns(query, rollup)
    guard step != nil || columns != nil else { return nil }
    let kept = columns ?? Array(rollup.groupBy.indices)
    merge = KpiMerge(step: step, columns: kept)
    self.rollup = Rollup(
      name: rollup.name, shape: step ?? rollup.shape, groupBy: kept.map { rollup.groupBy[$0] },
      measures: rollup.measures)
  }

  static func tooMany(_ count: Int64) -> HTTPFailure {
    .badParameter(
      name: "step",
      "or 'group_by' would merge about \(count) windows, at most \(windowsMax): shorten the range, or take a coarser "
        + "rollup")
  }

  private static func step(_ query: HTTPQuery, _ rollup: Rollup) throws(HTTPFailure) -> WindowShape? {
    guard let step = try query.durationMilliseconds("step") else { return nil }
    guard case .tumbling(let size, let offset) = rollup.shape else {
      let rule = "needs a rollup whose windows are of one length and side by side"
      throw .badParameter(name: "step", "\(rule); those of '\(rollup.name)' are '\(rollup.shape)'")
    }
    guard step > 0, step % size == 0 else {
      throw .badParameter(
        name: "step", "must be a multiple of the windows of '\(rollup.name)', which are '\(rollup.shape)'")
    }
    return .tumbling(size: step, offset: offset)
  }

  /// The shortest round step of which the range has at most `max_points`; nil where the rollup's windows are not more.
  private static func chosenStep(
    _ query: HTTPQuery, _ rollup: Rollup, _ range: Range<Int64>?
  ) throws(HTTPFailure) -> WindowShape? {
    guard let points = try query.integer("max_points", in: 1...HistoryRequest.limitMax) else { return nil }
    guard case .tumbling(let size, let offset) = rollup.shape else {
      let rule = "needs a rollup whose windows are of one length and side by side"
      throw .badParameter(name: "max_points", "\(rule); those of '\(rollup.name)' are '\(rollup.shape)'")
    }
    guard let range else { return nil }
    let step = RoundStep.first(multipleOf: size) { step in
      let hull = WindowShape.tumbling(size: step, offset: offset).hull(overlapping: range)
      return Int64(hull.count) / step <= points
    }
    return step == size ? nil : .tumbling(size: step, offset: offset)
  }

  /// The positions of the columns to keep; `none` keeps none.
  private static func columns(_ query: HTTPQuery, _ rollup: Rollup) throws(HTTPFailure) -> [Int]? {
    guard let text = query.text("group_by") else { return nil }
    if text == "none" { return [] }
    var columns: [Int] = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
      guard let column = rollup.groupBy.firstIndex(of: name) else {
        let known = rollup.groupBy + ["none"]
        let rule = "must be of the columns that '\(rollup.name)' is grouped by: \(known.joined(separator: ", "))"
        throw .badParameter(
          name: "group_by", "\(rule), not '\(name.prefix(60))'" + NearestName.hint(name, among: known))
      }
      guard !columns.contains(column) else {
        throw .badParameter(name: "group_by", "names '\(name)' twice")
      }
      columns.append(column)
    }
    return columns
  }
}
