/// Which rows a measure looks at: a bit for each event type's code.
public struct TypeMask: OptionSet, Sendable, Hashable {
  public let rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }
  public init(code: UInt8) { rawValue = 1 << UInt64(code & 63) }

  public static let all = TypeMask(rawValue: .max)
  @inlinable public func contains(code: UInt8) -> Bool { rawValue >> UInt64(code & 63) & 1 == 1 }
}

/// What a distinct count counts.
public enum DistinctKey: Sendable, Hashable {
  case session
  case user
  /// The order, and where an event names none, the event itself.
  case order
}

/// One number of a window, over the events of `types`. Only commutative monoids: counts, sums, set unions.
public struct Measure: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    case count
    case distinct(DistinctKey)
    /// Σ price × quantity, for each currency by itself.
    case amount
  }

  public let name: String
  public let kind: Kind
  public let types: TypeMask

  public init(_ name: String, _ kind: Kind, of types: TypeMask) {
    self.name = name
    self.kind = kind
    self.types = types
  }
}

/// A windowed aggregation over all events: KPIs by time and dimensions.
public struct Rollup: Sendable, Hashable {
  /// Also the name of its table.
  public let name: String
  public let shape: WindowShape
  /// Names of the columns to group by.
  public let groupBy: [String]
  public let measures: [Measure]

  public init(name: String, shape: WindowShape, groupBy: [String], measures: [Measure]) {
    self.name = name
    self.shape = shape
    self.groupBy = groupBy
    self.measures = measures
  }

  public static func == (left: Rollup, right: Rollup) -> Bool {
    left.name == right.name && left.shape == right.shape && left.groupBy == right.groupBy
      && left.measures == right.measures
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
