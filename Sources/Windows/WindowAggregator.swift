public import Columns

/// One part of a window's value on its way to the merger.
public struct WindowPartial: Sendable {
  /// The rollup's position in the job.
  public let rollup: Int
  public let key: PaneKey<GroupValues>
  public let value: PartialAggregate

  public init(rollup: Int, key: PaneKey<GroupValues>, value: PartialAggregate) {
    self.rollup = rollup
    self.key = key
    self.value = value
  }
}

/// The values of a rollup's group-by columns, as text; nil where the event has none.
public typealias GroupValues = [[UInt8]?]

/// Aggregates rows of a batch into partials, one a (rollup, pane, group): what a key group sends in place of rows.
///
/// O(rows × measures). Rows mostly follow each other into the same pane, so the last one is kept at hand.
public struct WindowAggregator: Sendable {
  private let rollups: [Rollup]
  private let distinctExactLimit: Int

  public init(rollups: [Rollup], distinctExactLimit: Int) {
    self.rollups = rollups
    self.distinctExactLimit = distinctExactLimit
  }

  /// The partials of `rows` of `events`.
  public func aggregate(_ events: EventBatch, rows: SelectionVector) -> [WindowPartial] {
    rollups.indices.flatMap { aggregate(events, rows: rows, rollup: $0) }
  }

  private func aggregate(_ events: EventBatch, rows: SelectionVector, rollup index: Int) -> [WindowPartial] {
    let rollup = rollups[index]
    let groupColumns = rollup.groupBy.map { events.batch.schema.index(of: $0) }
    let folds = rollup.measures.map { MeasureFold($0) }
    let currencies = events.batch.strings(events.layout.currency)
    var slots: [PaneKey<GroupValues>: Int] = [:]
    var keys: [PaneKey<GroupValues>] = []
    var values: [PartialAggregate] = []
    var pane: Range<Int64> = 0..<0
    var slot = -1
    for selected in rows {
      let row = Int(selected)
      let time = events.times[row]
      if slot < 0 || !pane.contains(time) || !groupColumns.isEmpty {
        if !pane.contains(time) { pane = rollup.shape.pane(containing: time) }
        let key = PaneKey(pane: pane, group: groupColumns.map { groupValue(events.batch, column: $0, row: row) })
        if let known = slots[key] {
          slot = known
        } else {
          slot = keys.count
          slots[key] = slot
          keys.append(key)
          values.append(PartialAggregate(rollup.measures, distinctExactLimit: distinctExactLimit))
        }
      }
      fold(events, row: row, currencies: currencies, by: folds, into: &values[slot])
    }
    return zip(keys, values).map { WindowPartial(rollup: index, key: $0, value: $1) }
  }

  private func fold(
    _ events: EventBatch, row: Int, currencies: StringColumn, by folds: [MeasureFold],
    into value: inout PartialAggregate
  ) {
    let type = events.types[row]
    value.eventCount += 1
    var count = 0
    var distinct = 0
    var amount = 0
    for fold in folds {
      let applies = fold.types.contains(code: type)
      switch fold.kind {
      case .count:
        if applies { value.counts[count] += 1 }
        count += 1
      case .distinct(let key):
        if applies { value.distincts[distinct].insert(events.hash(of: key, row: row)) }
        distinct += 1
      case .amount:
        // A purchase without a price is worth nothing and names no currency of its own.
        if applies, events.amounts[row] != 0 {
          value.amounts[amount].add(Int128(events.amounts[row]), currency: currencies.bytes(row))
        }
        amount += 1
      }
    }
  }

  private func groupValue(_ batch: Batch, column: Int?, row: Int) -> [UInt8]? {
    guard let column, !batch.columns[column].isNull(row) else { return nil }
    switch batch.columns[column] {
    case .string(let column):
      return Array(copying: column.bytes(row))
    case .boolean(let column): return Array((column.values[row] == 1 ? "true" : "false").utf8)
    case .integer(let column): return Array(String(column.values[row]).utf8)
    case .real(let column): return Array(String(column.values[row]).utf8)
    }
  }
}

/// A measure as the row loop needs it.
private struct MeasureFold {
  let kind: Measure.Kind
  let types: TypeMask

  init(_ measure: Measure) {
    kind = measure.kind
    types = measure.types
  }
}

extension EventBatch {
  /// The 64 bits that stand for `row`'s session, user or order.
  func hash(of key: DistinctKey, row: Int) -> UInt64 {
    switch key {
    case .session: sessionHashes[row].low
    case .user: userHashes[row]
    case .order: orderHashes[row]
    }
  }
}
