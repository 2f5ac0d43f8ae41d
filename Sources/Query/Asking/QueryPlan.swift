internal import Columns

/// A request after its names were looked up in the table: positions in place of names, words in place of literals.
struct QueryPlan: Sendable {
  enum Output: Sendable {
    case groups(GroupPlan)
    case rows(RowPlan)
  }

  /// What rows must pass, the cheapest first.
  let tests: [ColumnTest]
  let output: Output
  let limit: Int?

  init(_ request: QueryRequest, _ table: QueryTable) throws(QueryError) {
    tests = try QueryPlan.tests(request, table)
    limit = request.limit
    output =
      if let select = request.select {
        .rows(try RowPlan(request, select, table))
      } else {
        .groups(try GroupPlan(request, table))
      }
  }

  /// The range of time, then numbers, then texts.
  private static func tests(_ request: QueryRequest, _ table: QueryTable) throws(QueryError) -> [ColumnTest] {
    var tests: [ColumnTest] = []
    if request.from != nil || request.to != nil {
      guard let time = table.timeColumn else {
        throw QueryError(request.from == nil ? "to" : "from", "table '\(request.table)' has no time: leave it out")
      }
      tests.append(ColumnTest(column: time, .within(request.from ?? .min, request.to.map { $0 - 1 } ?? .max)))
    }
    var others: [ColumnTest] = []
    for filter in request.filters { others.append(try ColumnTest(filter, table.names)) }
    let texts = others.filter { table.names.columns[$0.column].kind.isText }
    return tests + others.filter { !table.names.columns[$0.column].kind.isText } + texts
  }

  static func tests(_ filters: [QueryFilter], _ table: QueryTable) throws(QueryError) -> [ColumnTest] {
    var tests: [ColumnTest] = []
    for filter in filters { tests.append(try ColumnTest(filter, table.names)) }
    return tests
  }
}

/// A measure of a plan.
struct PlannedMeasure: Sendable {
  let name: String
  let function: QueryMeasure.Function
  /// That of the column; of counts whole numbers.
  let kind: QueryColumn.Kind
  let accumulator: Int
}

/// A position in the answer's row, or in the table's columns, and a direction.
struct PlannedOrder: Sendable {
  let index: Int
  let isDescending: Bool
}

/// Groups and their measures.
struct GroupPlan: Sendable {
  private(set) var keys: [PlannedKey] = []
  private(set) var measures: [PlannedMeasure] = []
  private(set) var accumulators: [PlannedAccumulator] = []
  /// The filters of measures, each set of them once.
  private(set) var selections: [[ColumnTest]] = []
  /// Positions in an answer's row: keys, then measures.
  private(set) var order: [PlannedOrder] = []

  var columnNames: [String] { keys.map(\.name) + measures.map(\.name) }

  /// The columns that groups and measures need.
  var neededColumns: Set<Int> {
    Set(keys.map(\.column) + accumulators.compactMap(\.column) + selections.flatMap { $0.map(\.column) })
  }

  init(_ request: QueryRequest, _ table: QueryTable) throws(QueryError) {
    for (index, key) in request.groupBy.enumerated() {
      keys.append(try GroupPlan.key(key, "group_by[\(index)]", table))
    }
    for measure in request.measures { measures.append(try plan(measure, table)) }
    var seen: Set<String> = []
    for name in columnNames where !seen.insert(name).inserted {
      throw QueryError("measures", "two columns of the answer are called '\(name)': name one of them with 'as'")
    }
    for order in request.order {
      guard let index = columnNames.firstIndex(of: order.name) else {
        throw QueryError(order.place, "the answer has no '\(order.name)'", unknown: order.name, among: columnNames)
      }
      self.order.append(PlannedOrder(index: index, isDescending: order.isDescending))
    }
    // What is left equal is ordered by the groups.
    self.order += keys.indices.map { PlannedOrder(index: $0, isDescending: false) }
  }

  private static func key(_ key: QueryKey, _ place: String, _ table: QueryTable) throws(QueryError) -> PlannedKey {
    switch key {
    case .column(let name):
      let column = try table.names.index(name, place: place)
      return PlannedKey(name: name, kind: table.names.columns[column].kind, column: column)
    case .time(let bucket, let name):
      guard let column = table.timeColumn else {
        throw QueryError(place, "table '\(table.names.table)' has no time to group by")
      }
      return PlannedKey(name: name, kind: .time, column: column, bucketMilliseconds: bucket)
    }
  }

  private mutating func plan(_ measure: QueryMeasure, _ table: QueryTable) throws(QueryError) -> PlannedMeasure {
    var column: Int?
    if let name = measure.column { column = try table.names.index(name, place: measure.place) }
    let kind = column.map { table.names.columns[$0].kind } ?? .integer
    var selection: Int?
    if !measure.filters.isEmpty {
      let tests = try QueryPlan.tests(measure.filters, table)
      if !selections.contains(tests) { selections.append(tests) }
      selection = selections.firstIndex(of: tests)
    }
    guard let accumulatorKind = GroupPlan.accumulator(measure.function, kind) else {
      let name = measure.column ?? ""
      throw QueryError(measure.place, "cannot be computed of '\(name)', which is \(kind.name)")
    }
    let accumulator = PlannedAccumulator(kind: accumulatorKind, column: column, selection: selection)
    if !accumulators.contains(accumulator) { accumulators.append(accumulator) }
    return PlannedMeasure(
      name: measure.name, function: measure.function, kind: measure.function == .count ? .integer : kind,
      accumulator: accumulators.firstIndex(of: accumulator) ?? 0)
  }

  /// What gathers a function of a column; nil where the column has no such thing.
  private static func accumulator(
    _ function: QueryMeasure.Function, _ kind: QueryColumn.Kind
  ) -> PlannedAccumulator.Kind? {
    switch function {
    case .count: .count
    case .sum, .average: kind.isSummable ? (kind == .real ? .realSum : .sum) : nil
    case .minimum, .maximum: kind.isText ? .textExtremes : .extremes
    case .countDistinct: .distinct
    case .approximateCountDistinct: .approximateDistinct
    case .quantile: kind.isSummable || kind == .time ? .values : nil
    }
  }
}

/// Plain rows.
struct RowPlan: Sendable {
  /// Positions in the table.
  let columns: [Int]
  let names: [String]
  /// Positions in the table: what is asked for, then the rows' place.
  let order: [PlannedOrder]
  /// Whether rows are put in order at all.
  let isOrdered: Bool

  init(_ request: QueryRequest, _ select: [String], _ table: QueryTable) throws(QueryError) {
    var columns: [Int] = []
    for (index, name) in select.enumerated() {
      let column = try table.names.index(name, place: "select[\(index)]")
      guard !columns.contains(column) else { throw QueryError("select[\(index)]", "'\(name)' is selected twice") }
      columns.append(column)
    }
    // What follows from other columns is not asked for by '*'.
    if select.isEmpty { columns = table.names.columns.indices.filter { table.names.columns[$0].origin != .amount } }
    self.columns = columns
    names = columns.map { table.names.columns[$0].name }
    var order: [PlannedOrder] = []
    for wanted in request.order {
      order.append(
        PlannedOrder(
          index: try table.names.index(wanted.name, place: wanted.place), isDescending: wanted.isDescending))
    }
    isOrdered = !order.isEmpty
    self.order = order + table.placeColumns.map { PlannedOrder(index: $0, isDescending: false) }
  }
}
