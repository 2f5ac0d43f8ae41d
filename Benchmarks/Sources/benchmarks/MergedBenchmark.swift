import ColdStore
import Columns
import Encodings
import Foundation

/// Whole row groups as compaction stores them: columns that others determine, and Bloom filters, count.
enum MergedBenchmark {
  static func run(_ events: StoredEvents, groupRows: Int) throws {
    var results = events.schema.fields.map { EncodeResult(name: $0.name) }
    var (encodeNanoseconds, byteCount, pageByteCount) = (0, 0, 0)
    for (batch, rows) in events.groups(of: groupRows) {
      let begin = threadNanoseconds()
      let group = RowGroup.encode(table: "events", day: 0, stage: .merged, batch, rows: rows)
      encodeNanoseconds += threadNanoseconds() - begin
      byteCount += group.byteCount
      let decodeNanoseconds = try check(group, batch, rows)
      for (index, page) in group.header.pages.enumerated() {
        pageByteCount += page.storedByteCount
        results[index].add(page, encode: 0, decode: decodeNanoseconds[index])
      }
    }
    for result in results { print(result.row(rowCount: events.rowCount)) }
    func perRow(_ sum: Int, _ decimals: Int) -> String {
      (Double(sum) / Double(events.rowCount)).text(decimals: decimals)
    }
    print(
      "\(events.rowCount) rows: \(perRow(byteCount, 3)) bytes/row, of which \(perRow(pageByteCount, 3)) are pages;",
      "encoded in \(perRow(encodeNanoseconds, 1)) ns a row, filters included")
  }

  /// Reads the row group back, column by column, from a file; the nanoseconds that each column took.
  private static func check(_ group: RowGroup, _ batch: Batch, _ rows: SelectionVector) throws -> [Int] {
    let path =
      FileManager.default.temporaryDirectory.path + "/riffle-encode-\(ProcessInfo.processInfo.processIdentifier)"
    let fileSystem = LocalFileSystem()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let tail = try TailWriter(creating: path, fileSystem: fileSystem)
    try tail.append(group)
    try tail.flush()
    let file = try TailReader.open(path, validLength: tail.validLength, fileSystem: fileSystem)
    return try batch.schema.fields.enumerated().map { index, field in
      let begin = threadNanoseconds()
      let column = try file.read(0, as: Schema([field])).columns[0]
      let nanoseconds = threadNanoseconds() - begin
      guard EncodeBenchmark.isEqual(column, [ColumnSlice(batch.columns[index], rows: rows)]) else {
        throw BenchmarkError("column \(field.name) reads back as other cells", exitCode: 1)
      }
      return nanoseconds
    }
  }
}
