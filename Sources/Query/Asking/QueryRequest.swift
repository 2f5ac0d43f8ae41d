/// A question about one table: which rows, and what to make of them.
///
///     {"table": "events", "filters": [{"column": "event_type", "op": "=", "value": "purchase"}],
///      "group_by": ["product_id"], "measures": [{"sum": "price", "as": "revenue"}],
///      "order": ["-revenue"], "limit": 20}
///
/// One of `measures` (with or without `group_by`), `select` and `funnel` says what is answered. Names are not looked up
/// before the table is known; `QueryPlan` does.
public struct QueryRequest: Sendable, Equatable {
  public var table: String
  /// Rows whose time is at or after it, in milliseconds.
  public var from: Int64?
  /// And before it.
  public var to: Int64?
  /// All of them must hold.
  public var filters: [QueryFilter] = []
  public var groupBy: [QueryKey] = []
  public var measures: [QueryMeasure] = []
  /// Columns of plain rows; all where it is empty; nil where no plain rows are asked for.
  public var select: [String]?
  public var funnel: QueryFunnel?
  /// The first decides, the next decides among equals; what is equal in all is ordered by its groups or its place.
  public var order: [QueryOrder] = []
  public var limit: Int?
  /// The commit that is read; the newest where nil.
  public var asOf: AsOf?
  public var format = QueryFormat.json

  public init(table: String) { self.table = table }
}

/// How an answer is printed.
public enum QueryFormat: String, Sendable, CaseIterable {
  /// One object: the rows and how they came about.
  case json
  /// The rows alone, one a line.
  case ndjson
  case csv
}

/// What a row must hold.
public struct QueryFilter: Sendable, Equatable {
  public enum Operator: String, Sendable, CaseIterable {
    case equal = "="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case oneOf = "in"
    case isNull = "is_null"
    case prefix
  }

  public enum Literal: Sendable, Equatable {
    case text(String)
    /// Digit for digit.
    case number(String)
    case boolean(Bool)
  }

  public var column: String
  public var comparison: Operator
  /// One value, or those of `in`. Of `is_null` one boolean.
  public var literals: [Literal]
  /// The member of the request, for errors.
  var place = "filters"

  public init(_ column: String, _ comparison: Operator, _ literals: Literal...) {
    self.column = column
    self.comparison = comparison
    self.literals = literals
  }

  init(_ column: String, _ comparison: Operator, _ literals: [Literal], place: String) {
    (self.column, self.comparison, self.literals, self.place) = (column, comparison, literals, place)
  }
}

/// What rows are grouped by.
public enum QueryKey: Sendable, Equatable {
  case column(String)
  /// The beginning of the bucket, in UTC, that the table's time column falls into.
  case time(bucketMilliseconds: Int64, name: String)

  public var name: String {
    switch self {
    case .column(let name), .time(_, let name): name
    }
  }
}

/// A number made of the rows of a group.
public struct QueryMeasure: Sendable, Equatable {
  public enum Function: Sendable, Equatable, Hashable {
    /// Rows, or with a column those where it has a value.
    case count
    case sum
    case minimum
    case maximum
    case average
    case countDistinct
    case approximateCountDistinct
    /// So many thousandths: 500 is the median.
    case quantile(thousandths: Int64)
  }

  public var function: Function
  /// Nil for `count` of rows.
  public var column: String?
  public var name: String
  /// Rows that do not hold these count for other measures only.
  public var filters: [QueryFilter] = []
  var place = "measures"

  public init(_ function: Function, _ column: String?, name: String, filters: [QueryFilter] = []) {
    (self.function, self.column, self.name, self.filters) = (function, column, name, filters)
  }
}

public struct QueryOrder: Sendable, Equatable {
  /// A column of the answer; of plain rows any column of the table.
  public var name: String
  /// Rows without a value come last then, first otherwise.
  public var isDescending: Bool
  var place = "order"

  public init(_ name: String, isDescending: Bool = false) { (self.name, self.isDescending) = (name, isDescending) }
}

/// Which funnel to count: `FunnelRequest` without the range, which is the query's.
public struct QueryFunnel: Sendable, Equatable {
  public var steps: [String]
  /// Without it any time may lie between first and last step.
  public var windowMilliseconds: Int64?
  public var unit = FunnelRequest.Unit.user
  public var isStrictlyIncreasing = false
  public var groupBy: String?

  public init(steps: [String]) { self.steps = steps }
}
