internal import Encodings

/// Gathers the cells of one column until their row group is full.
protocol ColumnGathering: AnyObject {
  /// Returns about how many bytes of memory the cell takes.
  func append(_ cell: ParquetCell) throws(ParquetError) -> Int
  /// The cells so far as pages; none is gathered then.
  func finish() -> ColumnChunk
}

/// Each distinct value is kept once, and its number for each cell: the memory of a row group is that of its distinct
/// values, and the dictionary, where one pays, is there already.
final class ColumnGatherer<Value: PlainValue>: ColumnGathering {
  /// Rows of a page: a reader that seeks a row unpacks one page.
  private static var rowsPerPage: Int { 16_384 }

  private let column: ParquetColumn
  /// The cell as a value; nil where it is of another type.
  private let value: (ParquetCell) -> Value?
  private var values: [Value] = []
  private var numbers: [Value: UInt32] = [:]
  /// The number of each cell's value, nulls left out.
  private var cells: [UInt32] = []
  /// 1 for a value, 0 for a null: the definition level of each row.
  private var levels: [UInt32] = []
  private var distinctByteCount = 0
  private var plainByteCount = 0

  init(_ column: ParquetColumn, _ value: @escaping (ParquetCell) -> Value?) {
    self.column = column
    self.value = value
  }

  func append(_ cell: ParquetCell) throws(ParquetError) -> Int {
    if case .null = cell {
      guard column.isOptional else { throw ParquetError(column: column.name, problem: "a cell must not be null") }
      levels.append(0)
      return 4
    }
    guard let value = value(cell) else {
      throw ParquetError(column: column.name, problem: "\(cell) is no value of the type \(column.type)")
    }
    levels.append(1)
    plainByteCount += value.plainByteCount
    if let number = numbers[value] {
      cells.append(number)
      return 8
    }
    let number = UInt32(values.count)
    numbers[value] = number
    values.append(value)
    cells.append(number)
    distinctByteCount += value.plainByteCount
    return 72 + value.plainByteCount
  }

  func finish() -> ColumnChunk {
    var chunk = ColumnChunk(column)
    chunk.statistics = statistics()
    if dictionaryPays {
      var dictionary = ByteWriter(capacity: distinctByteCount)
      Value.writePlain(values, to: &dictionary)
      chunk.appendDictionary(dictionary.bytes, count: values.count)
    }
    var cell = 0
    for start in stride(from: 0, to: levels.count, by: Self.rowsPerPage) {
      let rows = levels[start..<min(start + Self.rowsPerPage, levels.count)]
      let end = cell + rows.reduce(0) { $0 + Int($1) }
      chunk.appendValues(page(rows, cells[cell..<end], hasDictionary: chunk.hasDictionary), rowCount: rows.count)
      cell = end
    }
    clear()
    return chunk
  }

  /// Whether entries and their numbers take less than the values themselves.
  private var dictionaryPays: Bool {
    guard Value.hasDictionary, !values.isEmpty else { return false }
    return distinctByteCount + cells.count * RunLengthHybrid.bitWidth(below: values.count) / 8 < plainByteCount
  }

  private func page(_ levels: ArraySlice<UInt32>, _ cells: ArraySlice<UInt32>, hasDictionary: Bool) -> [UInt8] {
    var page = ByteWriter(capacity: 4 * levels.count)
    if column.isOptional {
      var packed = ByteWriter()
      RunLengthHybrid.append(levels, bitWidth: 1, to: &packed)
      page.write(UInt32(packed.count))
      page.writeRaw(packed.bytes.span)
    }
    if hasDictionary {
      let bitWidth = RunLengthHybrid.bitWidth(below: values.count)
      page.write(UInt8(bitWidth))
      RunLengthHybrid.append(cells, bitWidth: bitWidth, to: &page)
    } else {
      Value.writePlain(cells.lazy.map { [values] in values[Int($0)] }, to: &page)
    }
    return page.bytes
  }

  /// No bounds where a value has no place in the order: a reader would skip what it must not.
  private func statistics() -> ColumnChunk.Statistics {
    var statistics = ColumnChunk.Statistics(nullCount: levels.count - cells.count)
    guard values.allSatisfy(\.isOrdered) else { return statistics }
    statistics.smallest = values.min(by: Value.precedes)?.bound(isLargest: false)
    statistics.largest = values.max(by: Value.precedes)?.bound(isLargest: true)
    return statistics
  }

  private func clear() {
    values.removeAll()
    numbers.removeAll()
    cells.removeAll(keepingCapacity: true)
    levels.removeAll(keepingCapacity: true)
    (distinctByteCount, plainByteCount) = (0, 0)
  }
}
