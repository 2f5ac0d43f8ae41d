import Columns
import Encodings

/// What the pages of one column took, or of all.
struct EncodeResult {
  let name: String
  private(set) var byteCount = 0
  private(set) var encodeNanoseconds = 0
  private(set) var decodeNanoseconds = 0
  /// Pages by encoding and codec.
  private var kinds: [String: Int] = [:]

  init(name: String) { self.name = name }

  mutating func add(_ header: PageHeader, encode: Int, decode: Int) {
    byteCount += header.storedByteCount
    encodeNanoseconds += encode
    decodeNanoseconds += decode
    kinds["\(header.encoding) \(header.codec)", default: 0] += 1
  }

  mutating func add(_ other: EncodeResult) {
    byteCount += other.byteCount
    encodeNanoseconds += other.encodeNanoseconds
    decodeNanoseconds += other.decodeNanoseconds
  }

  /// Millions of rows a second.
  func encodedRate(rowCount: Int) -> String { (Double(rowCount) * 1000 / Double(encodeNanoseconds)).text(decimals: 2) }
  func decodedRate(rowCount: Int) -> String { (Double(rowCount) * 1000 / Double(decodeNanoseconds)).text(decimals: 2) }

  /// A row of the printed table.
  func row(rowCount: Int) -> String {
    func perRow(_ sum: Int, _ decimals: Int) -> String { (Double(sum) / Double(rowCount)).text(decimals: decimals) }
    let pages = kinds.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }.joined(separator: ", ")
    return [
      name, "\(perRow(byteCount, 3)) bytes/row", "encode \(perRow(encodeNanoseconds, 1)) ns",
      "decode \(perRow(decodeNanoseconds, 1)) ns", pages,
    ].joined(separator: "  ")
  }
}

/// Encodes and decodes the pages of columns on one thread and counts that thread's CPU time.
enum EncodeBenchmark {
  /// Passes over each page, of which the best counts.
  private static let passes = 3

  static func measure(
    _ events: StoredEvents, column index: Int, pageRows: Int, codec: PageCodec
  ) throws -> EncodeResult {
    let field = events.schema.fields[index]
    var result = EncodeResult(name: field.name)
    for page in events.pages(index, pageRows: pageRows) {
      var best = (encode: Int.max, decode: Int.max)
      var last: (header: PageHeader, column: Column)?
      for _ in 0..<passes {
        var writer = ByteWriter()
        let begin = threadNanoseconds()
        let header = Page.encode(page, codec: codec, into: &writer)
        let encoded = threadNanoseconds()
        let column = try Page.decode(ByteArena(writer.bytes), header: header, type: field.type)
        best = (min(best.encode, encoded - begin), min(best.decode, threadNanoseconds() - encoded))
        last = (header, column)
      }
      guard let last, isEqual(last.column, page) else {
        throw BenchmarkError("column \(field.name) reads back as other cells", exitCode: 1)
      }
      result.add(last.header, encode: best.encode, decode: best.decode)
    }
    return result
  }

  static func isEqual(_ column: Column, _ slices: [ColumnSlice]) -> Bool {
    var next = 0
    for slice in slices {
      for index in 0..<slice.rowCount {
        guard next < column.rowCount, isEqual(column, next, slice.column, slice.rows.map { Int($0[index]) } ?? index)
        else { return false }
        next += 1
      }
    }
    return next == column.rowCount
  }

  private static func isEqual(_ left: Column, _ row: Int, _ right: Column, _ other: Int) -> Bool {
    switch (left, right) {
    case (.integer(let left), .integer(let right)): return left[row] == right[other]
    case (.real(let left), .real(let right)): return left[row]?.bitPattern == right[other]?.bitPattern
    case (.boolean(let left), .boolean(let right)): return left[row] == right[other]
    case (.string(let left), .string(let right)):
      let (text, wanted) = (left.bytes(row), right.bytes(other))
      return left.isNull(row) == right.isNull(other) && text.count == wanted.count
        && text.indices.allSatisfy { text[$0] == wanted[$0] }
    default: return false
    }
  }
}
