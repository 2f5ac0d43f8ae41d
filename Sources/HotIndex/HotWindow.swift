/// How far a window has come (SEMANTICS §5).
public enum HotStatus: String, Sendable, CaseIterable {
  /// The watermark is before its end.
  case open
  /// The watermark passed its end; nothing came since.
  case onTime = "on_time"
  /// Corrected since the watermark passed its end.
  case revised
  /// The watermark passed end and allowed lateness.
  case final
  /// Changed after it was final.
  case amended
}

/// A sum of money in one currency, in ten-thousandths; the currency is empty for events that name none.
public struct HotAmount: Sendable, Equatable {
  public let currency: [UInt8]
  public let amount: Int128

  public init(currency: [UInt8], amount: Int128) {
    self.currency = currency
    self.amount = amount
  }
}

/// What names a window: its rollup, bounds and group.
public struct HotKey: Sendable, Hashable {
  public let rollup: String
  public let window: Range<Int64>
  public let group: [[UInt8]?]

  public init(rollup: String, window: Range<Int64>, group: [[UInt8]?]) {
    self.rollup = rollup
    self.window = window
    self.group = group
  }
}

/// One window and group of a rollup, as the engine knows it now: numbers only.
public struct HotWindow: Sendable, Equatable {
  public let window: Range<Int64>
  /// The values of the rollup's group-by columns; nil where events have none.
  public let group: [[UInt8]?]
  public let eventCount: Int64
  /// One number a measure of the kind, in the rollup's order of measures of that kind; so for the other two kinds.
  public let counts: [Int64]
  /// Nil where windows were put together without knowing what they have in common.
  public let distincts: [Int64]?
  public let amounts: [[HotAmount]]
  /// Whether a distinct count is an estimate.
  public let isApproximate: Bool
  public var status: HotStatus
  /// Events that came after the watermark had passed the end; informational.
  public let corrections: Int64
  /// Events that came after the window was final; informational.
  public let deltas: Int64
  /// Wall-clock time of the last change, in milliseconds; nil for a window that was read from the store.
  public var updatedMilliseconds: Int64?

  public init(
    window: Range<Int64>, group: [[UInt8]?], eventCount: Int64, counts: [Int64], distincts: [Int64]?,
    amounts: [[HotAmount]], isApproximate: Bool, status: HotStatus, corrections: Int64, deltas: Int64,
    updatedMilliseconds: Int64?
  ) {
    self.window = window
    self.group = group
    self.eventCount = eventCount
    self.counts = counts
    self.distincts = distincts
    self.amounts = amounts
    self.isApproximate = isApproximate
    self.status = status
    self.corrections = corrections
    self.deltas = deltas
    self.updatedMilliseconds = updatedMilliseconds
  }

  /// Moves the status on to what `watermark` makes of it; whether it changes.
  @discardableResult
  mutating func advance(to watermark: Int64, allowedLatenessMilliseconds: Int64) -> Bool {
    guard watermark >= window.upperBound else { return false }
    let (limit, overflows) = window.upperBound.addingReportingOverflow(allowedLatenessMilliseconds)
    let next: HotStatus
    switch status {
    case .final, .amended: return false
    case .open, .onTime, .revised:
      next = !overflows && watermark >= limit ? .final : status == .open ? .onTime : status
    }
    defer { status = next }
    return next != status
  }

  /// By start, end, then group; a group without a value comes first.
  public static func precedes(_ left: HotWindow, _ right: HotWindow) -> Bool {
    if left.window != right.window {
      return (left.window.lowerBound, left.window.upperBound) < (right.window.lowerBound, right.window.upperBound)
    }
    for (first, second) in zip(left.group, right.group) where first != second {
      guard let first, let second else { return first == nil }
      return first.lexicographicallyPrecedes(second)
    }
    return false
  }

  /// Whether both are of the same bounds and group.
  public func hasKey(of other: HotWindow) -> Bool { window == other.window && group == other.group }
}
