public import Commerce
internal import Landing
internal import Windows

/// The partials of a rollup as they are stored, and those still live: what merged rows are made of.
public struct PartialRows {
  private let snapshot: Snapshot
  private let table: RollupTable
  private let live: [MergerState.Live]

  public init(_ snapshot: Snapshot, job: Job, rollup name: String) throws {
    guard let index = job.rollupTables.firstIndex(where: { $0.rollup.name == name }) else {
      throw DataDirectoryError("no rollup '\(name)' is configured")
    }
    self.snapshot = snapshot
    table = job.rollupTables[index]
    live = try snapshot.mergerState(job)?.live.filter { $0.rollup == index } ?? []
  }

  public var columns: [String] { fields.map(\.name) }

  var fields: [QueryColumn] {
    let measures = table.rollup.measures.filter { $0.kind == .count } + table.rollup.measures.filter(\.isDistinct)
    return ["pane_start", "pane_end"].map { QueryColumn(name: $0, kind: .time) }
      + (["kind"] + table.rollup.groupBy).map { QueryColumn(name: $0, kind: .text) }
      + (["events"] + measures.map(\.name)).map { QueryColumn(name: $0, kind: .integer) }
  }

  public func forEach(_ body: ([OutputValue]) throws -> Void) throws {
    try snapshot.table(table.rollup.name).forEachPiece { piece in
      for row in piece.rows {
        let (key, value, kind) = try table.partial(piece.batch, row: Int(row))
        try body(values(key, value, kind == .delta ? "delta" : "sealed"))
      }
    }
    for partial in live { try body(values(partial.key, partial.value, "live")) }
  }

  private func values(_ key: PaneKey<GroupValues>, _ value: PartialAggregate, _ kind: String) -> [OutputValue] {
    [.time(key.pane.lowerBound), .time(key.pane.upperBound), .text(kind)]
      + key.group.map { $0.map(OutputValue.text) ?? .null } + [.integer(value.eventCount)]
      + value.counts.map(OutputValue.integer) + value.distincts.map { .integer(Int64($0.count)) }
  }
}
