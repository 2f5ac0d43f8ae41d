import Columns
import Ingest

/// The events of a file as the table has them, in the order in which they are to be stored.
struct StoredEvents {
  let schema: Schema
  let rowCount: Int
  /// In the order of the file: batches as they were decoded. Sorted: one batch of all.
  private let batches: [Batch]
  /// Rows of the one batch, where they are sorted.
  private let order: SelectionVector?

  init(_ lines: Lines, isSorted: Bool) throws {
    let shape = try EventShape.make()
    let decoder = MessageDecoder(shape: shape)
    var decoded: [Batch] = []
    for first in stride(from: 0, to: lines.ranges.count, by: DecodeBenchmark.chunkMessages) {
      let chunk = lines.ranges[first..<min(first + DecodeBenchmark.chunkMessages, lines.ranges.count)]
      guard let begin = chunk.first, let end = chunk.last else { break }
      let origin = Int(begin.offset)
      let arena = ByteArena(Array(lines.bytes[origin..<Int(end.offset) + Int(end.length)]))
      let messages = chunk.map {
        MessageRange(offset: $0.offset - UInt32(origin), length: $0.length, logOffset: $0.logOffset)
      }
      decoded.append(decoder.decode(arena: arena, messages: messages).batch.compacted())
    }
    schema = shape.schema
    rowCount = decoded.reduce(0) { $0 + $1.rowCount }
    if rowCount == 0 { throw BenchmarkError("none of the lines is an event", exitCode: 65) }
    guard isSorted else {
      (batches, order) = (decoded, nil)
      return
    }
    var builder = BatchBuilder(schema)
    for batch in decoded { builder.append(batch, rows: SelectionVector(0..<UInt32(batch.rowCount))) }
    let whole = builder.build()
    (batches, order) = ([whole], try StoredEvents.sorted(whole))
  }

  /// The rows of `batch` by session and time, sessions in the order in which they begin.
  private static func sorted(_ batch: Batch) throws -> SelectionVector {
    guard let session = batch.schema.index(of: "session_id"), let time = batch.schema.index(of: "event_ts") else {
      throw BenchmarkError("the events have no session or no time", exitCode: 70)
    }
    let (sessions, times) = (batch.strings(session), batch.integers(time))
    let names = (0..<batch.rowCount).map { sessions.text($0) ?? "" }
    var begins: [String: Int64] = [:]
    for row in 0..<batch.rowCount { begins[names[row]] = min(begins[names[row]] ?? .max, times[row] ?? 0) }
    let keys = (0..<batch.rowCount).map { row in
      (begin: begins[names[row]] ?? 0, session: names[row], time: times[row] ?? 0, row: UInt32(row))
    }
    return keys.sorted { ($0.begin, $0.session, $0.time, $0.row) < ($1.begin, $1.session, $1.time, $1.row) }.map(\.row)
  }

  /// The rows as merged ones are stored: of one batch, `groupRows` at a time.
  func groups(of groupRows: Int) -> [(batch: Batch, rows: SelectionVector)] {
    guard let order else { return [] }
    return stride(from: 0, to: rowCount, by: groupRows).map { start in
      (batches[0], Array(order[start..<min(start + groupRows, rowCount)]))
    }
  }

  /// The cells of column `index`, in pages of `pageRows` rows; the last may have fewer.
  func pages(_ index: Int, pageRows: Int) -> [[ColumnSlice]] {
    if let order {
      return stride(from: 0, to: rowCount, by: pageRows).map { start in
        [ColumnSlice(batches[0].columns[index], rows: Array(order[start..<min(start + pageRows, rowCount)]))]
      }
    }
    var pages: [[ColumnSlice]] = []
    var (page, held): ([ColumnSlice], Int) = ([], 0)
    for batch in batches {
      page.append(ColumnSlice(batch.columns[index]))
      held += batch.rowCount
      if held >= pageRows {
        pages.append(page)
        (page, held) = ([], 0)
      }
    }
    return page.isEmpty ? pages : pages + [page]
  }
}
