internal import Columns

/// What became of a contribution to a window (SEMANTICS §4).
public enum LatenessOutcome: Sendable, Equatable {
  case onTime
  /// The window had fired, its state was still there: the row is revised.
  case corrected
  /// The state was gone: the contribution is stored by itself and merged when read.
  case delta
}

/// A window's pane and group, under which its state is kept.
public struct PaneKey<Group: Hashable & Sendable>: Hashable, Sendable {
  public let pane: Range<Int64>
  public let group: Group

  public init(pane: Range<Int64>, group: Group) {
    self.pane = pane
    self.group = group
  }
}

/// What a window's state lets out as time goes by.
public enum WindowOutput<Group: Hashable & Sendable, Value: Mergeable>: Sendable {
  /// The watermark passed the end: the first value.
  case onTime(PaneKey<Group>, Value)
  /// A correction after that: the full new value.
  case update(PaneKey<Group>, Value)
  /// The watermark passed end and allowed lateness: the state is given up and must be stored.
  case final(PaneKey<Group>, Value)
  /// A contribution after that: must be stored too.
  case delta(PaneKey<Group>, Value)
}

/// The live windows of one rollup: contributions in, values out, by the watermark.
///
/// Invariant (I1 of SEMANTICS §4): the sum of everything let out as `final` or `delta`, and of what is live, is the
/// aggregate over all contributions, at any time. Hopping windows are kept as panes, which readers merge; a pane is
/// final when the last window over it is.
public struct WindowState<Group: Hashable & Sendable, Value: Mergeable>: Sendable {
  private struct Live: Sendable {
    var value: Value
    var hasFired: Bool
    let end: Int64
  }

  public let shape: WindowShape
  public let allowedLatenessMilliseconds: Int64
  private var live: [PaneKey<Group>: Live] = [:]
  /// No live window changes its status before the watermark reaches this.
  private var nextDue = EventTime.distantFuture

  public init(shape: WindowShape, allowedLatenessMilliseconds: Int64) {
    self.shape = shape
    self.allowedLatenessMilliseconds = allowedLatenessMilliseconds
  }

  public var count: Int { live.count }

  /// Adds `value`, a contribution of pane `key.pane`, at `watermark`.
  public mutating func merge(
    _ value: Value, into key: PaneKey<Group>, at watermark: Int64
  ) -> (outcome: LatenessOutcome, output: WindowOutput<Group, Value>?) {
    let end = live[key]?.end ?? lastEnd(over: key.pane)
    guard !isPast(end, lateness: allowedLatenessMilliseconds, watermark) else { return (.delta, .delta(key, value)) }
    if live[key] == nil {
      // A window that nobody had contributed to before its end has an implicit first value, the identity.
      live[key] = Live(value: value, hasFired: watermark >= end, end: end)
    } else {
      live[key]?.value.merge(value)
    }
    guard let current = live[key] else { return (.onTime, nil) }
    nextDue = min(nextDue, due(current))
    return current.hasFired ? (.corrected, .update(key, current.value)) : (.onTime, nil)
  }

  /// Whether `advance(to: watermark)` changes anything. O(1).
  func isDue(at watermark: Int64) -> Bool { watermark >= nextDue }

  /// Lets out what fires and what is final at `watermark`, ascending by window: first values before final ones.
  /// O(1) while nothing is due, else O(live windows).
  public mutating func advance(
    to watermark: Int64, ascending: (PaneKey<Group>, PaneKey<Group>) -> Bool
  ) -> [WindowOutput<Group, Value>] {
    guard watermark >= nextDue else { return [] }
    let fired = live.filter { !$0.value.hasFired && watermark >= $0.value.end }.keys.sorted(by: ascending)
    var outputs: [WindowOutput<Group, Value>] = []
    for key in fired {
      live[key]?.hasFired = true
      if let value = live[key]?.value { outputs.append(.onTime(key, value)) }
    }
    let past = live.filter { isPast($0.value.end, lateness: allowedLatenessMilliseconds, watermark) }.keys
    for key in past.sorted(by: ascending) {
      if let value = live.removeValue(forKey: key)?.value { outputs.append(.final(key, value)) }
    }
    nextDue = live.values.reduce(EventTime.distantFuture) { min($0, due($1)) }
    return outputs
  }

  /// The live value under `key` and whether its window has fired; nil if there is none.
  func live(_ key: PaneKey<Group>) -> (value: Value, hasFired: Bool)? { live[key].map { ($0.value, $0.hasFired) } }

  /// All live values, in no particular order.
  public func forEach(_ body: (PaneKey<Group>, _ value: Value, _ hasFired: Bool) -> Void) {
    for (key, state) in live { body(key, state.value, state.hasFired) }
  }

  /// Puts back a live value of a snapshot.
  public mutating func restore(_ key: PaneKey<Group>, _ value: Value, hasFired: Bool) {
    let state = Live(value: value, hasFired: hasFired, end: lastEnd(over: key.pane))
    live[key] = state
    nextDue = min(nextDue, due(state))
  }

  /// When the state next changes: at its end, then at end and lateness.
  private func due(_ state: Live) -> Int64 {
    state.hasFired ? saturatingAdd(state.end, allowedLatenessMilliseconds) : state.end
  }

  private func isPast(_ end: Int64, lateness: Int64, _ watermark: Int64) -> Bool {
    watermark >= saturatingAdd(end, lateness)
  }

  private func lastEnd(over pane: Range<Int64>) -> Int64 {
    shape.windows(overPane: pane).map(\.upperBound).max() ?? pane.upperBound
  }
}

/// `a + b`, clamped to the range of Int64: watermarks may stand at either end of time.
func saturatingAdd(_ a: Int64, _ b: Int64) -> Int64 {
  let (sum, overflow) = a.addingReportingOverflow(b)
  return overflow ? (b > 0 ? .max : .min) : sum
}
