public import Columns
public import Encodings
public import HotIndex

/// The table of one rollup: rows are partial aggregates of a (pane, group), merged by readers.
public struct RollupTable: Sendable {
  public let rollup: Rollup
  public let schema: Schema
  package let distinctExactLimit: Int
  /// The name of the column by which a reader finds a range of time.
  public static let paneStart = "pane_start"

  /// Whether a row is a window's sealed state or came after that.
  public enum Kind: Int64, Sendable {
    case sealed = 0
    case delta = 1
  }

  public init(_ rollup: Rollup, distinctExactLimit: Int) {
    self.rollup = rollup
    self.distinctExactLimit = distinctExactLimit
    schema = Schema(
      [Field(RollupTable.paneStart, .time), Field("pane_end", .time), Field("kind", .integer)]
        + rollup.groupBy.map { Field($0, .string) } + [Field("partial", .binary)])
  }

  /// The windows that the pane of `key` is a part of.
  public func windows(over key: PaneKey<GroupValues>) -> [HotKey] {
    rollup.shape.windows(overPane: key.pane).map { HotKey(rollup: rollup.name, window: $0, group: key.group) }
  }

  private var partialColumn: Int { 3 + rollup.groupBy.count }

  public func append(
    _ key: PaneKey<GroupValues>, _ value: PartialAggregate, _ kind: Kind, to rows: inout BatchBuilder
  ) {
    rows.append(key.pane.lowerBound, to: 0)
    rows.append(key.pane.upperBound, to: 1)
    rows.append(kind.rawValue, to: 2)
    for (index, text) in key.group.enumerated() {
      if let text { rows.append(text.span, to: 3 + index) } else { rows.appendNullText(to: 3 + index) }
    }
    var writer = ByteWriter()
    value.encode(into: &writer)
    rows.append(writer.bytes.span, to: partialColumn)
  }

  /// The partial in `row` of a batch of this table.
  public func partial(
    _ batch: Batch, row: Int
  ) throws(CorruptionError) -> (key: PaneKey<GroupValues>, value: PartialAggregate, kind: Kind) {
    guard let start = batch.integers(0)[row], let end = batch.integers(1)[row], RollupTable.isPane(start, end) else {
      throw CorruptionError("row \(row) of \(rollup.name) has no pane")
    }
    let group = rollup.groupBy.indices.map { bytes(batch.strings(3 + $0), row) }
    var reader = ByteReader(bytes(batch.strings(partialColumn), row) ?? [])
    let value = try PartialAggregate(from: &reader, rollup.measures, distinctExactLimit: distinctExactLimit)
    let kind = batch.integers(2)[row].flatMap(Kind.init(rawValue:)) ?? .sealed
    return (PaneKey(pane: start..<end, group: group), value, kind)
  }

  /// Whether a pane may lie so: it has a length, and there is time around it to reckon with.
  static func isPane(_ start: Int64, _ end: Int64) -> Bool {
    let time: Int64 = 1 << 53
    return -time < start && start < end && end < time
  }

  private func bytes(_ column: StringColumn, _ row: Int) -> [UInt8]? {
    column.isNull(row) ? nil : Array(copying: column.bytes(row))
  }
}
