internal import Checkpoints
internal import ColdStore
internal import Columns
internal import Encodings
internal import Landing

/// Rows that one worker goes over at a time: a stored row group, or rows in memory, which were merged there or have
/// not been written yet.
struct ScanUnit: Sendable {
  enum Rows: Sendable {
    case stored(TableReader.Group)
    case inMemory(BatchSlice)
  }

  let rows: Rows

  /// Of its columns, those that are not visible included.
  var rowCount: Int {
    switch rows {
    case .stored(let group): group.header.rowCount
    case .inMemory(let slice): slice.batch.rowCount
    }
  }

  /// The rows that are to be seen.
  var visible: SelectionVector {
    switch rows {
    case .stored(let group): group.rows
    case .inMemory(let slice): slice.positions
    }
  }

  /// The column `name`, which the table has: all rows of it, or the chosen ones. O(bytes of the column) where it is
  /// stored.
  func column(_ name: String, rows chosen: SelectionVector? = nil) throws -> Column {
    switch rows {
    case .stored(let group): return try group.read([name], rows: chosen).columns[0]
    case .inMemory(let slice):
      guard let index = slice.batch.schema.index(of: name) else { preconditionFailure("no column is called \(name)") }
      let column = slice.batch.columns[index]
      return chosen.map { Gathering.column(column, $0) } ?? column
    }
  }

  /// What reading the column `name` costs in bytes of files.
  func storedByteCount(of name: String) -> Int {
    guard case .stored(let group) = rows, let page = group.header.schema.index(of: name) else { return 0 }
    return group.header.pages[page].storedByteCount
  }
}

/// Topic and partition by source.
struct SourceNames: Sendable {
  private var topics: [Int64: [UInt8]] = [:]
  private var partitions: [Int64: Int64] = [:]

  init(_ sources: [SourceState] = []) {
    for source in sources {
      topics[Int64(source.id)] = Array(source.topic.utf8)
      partitions[Int64(source.id)] = Int64(source.partition)
    }
  }

  /// The column of `origin` for rows of `sources`. Rows of one source follow each other. O(rows).
  func column(_ origin: QueryColumn.Origin, _ sources: FixedColumn<Int64>) -> Column {
    switch origin {
    case .stored: .integer(sources)
    case .partition:
      .integer(FixedColumn(values: ColumnBuffer(sources.values.span.mapped { partitions[$0] ?? -1 })))
    case .topic: .string(topics(sources.values.span))
    case .amount, .sessionRevenue, .sessionRevenueByCurrency: preconditionFailure("no money follows from the source")
    }
  }

  private func topics(_ sources: Span<Int64>) -> StringColumn {
    let arena = ByteArena()
    let views = Dictionary(
      uniqueKeysWithValues: topics.map { source, topic in
        (source, StringView(offset: UInt32(arena.append(topic.span)), length: Int32(topic.count)))
      })
    return StringColumn(views: ColumnBuffer(sources.mapped { views[$0] ?? .null }), arena: arena)
  }
}

extension Span<Int64> {
  /// What `body` makes of each value; called once for a run of equal ones.
  fileprivate func mapped<Result>(_ body: (Int64) -> Result) -> [Result] {
    var results: [Result] = []
    results.reserveCapacity(count)
    var last: (value: Int64, result: Result)?
    for index in indices {
      if last?.value != self[index] { last = (self[index], body(self[index])) }
      if let last { results.append(last.result) }
    }
    return results
  }
}
