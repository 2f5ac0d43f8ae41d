internal import Encodings

/// The pages of one column of a row group as stored, and what the footer says of them.
struct ColumnChunk {
  /// Smallest and largest value, where there is one that is ordered, and how many nulls.
  struct Statistics {
    var smallest: StatisticsBound?
    var largest: StatisticsBound?
    var nullCount = 0
  }

  let column: ParquetColumn
  /// The dictionary's page, if there is one, then the pages of values.
  private(set) var bytes: [UInt8] = []
  /// Bytes of the dictionary's page with its header; 0 where there is none.
  private(set) var dictionaryByteCount = 0
  /// What `bytes` would be without compression.
  private(set) var plainByteCount = 0
  /// Rows, nulls included.
  private(set) var rowCount = 0
  private(set) var dataPageCount = 0
  var statistics = Statistics()

  var hasDictionary: Bool { dictionaryByteCount > 0 }

  init(_ column: ParquetColumn) { self.column = column }

  /// Adds the page of `count` entries that numbers of later pages mean. It comes first.
  mutating func appendDictionary(_ plain: [UInt8], count: Int) {
    append(plain, kind: PageKind.dictionary) { header in
      header.write(7) { dictionary in
        dictionary.write(1, Int32(count))
        dictionary.write(2, Encoding.plain)
      }
    }
    dictionaryByteCount = bytes.count
  }

  /// Adds a page of `rowCount` rows: levels, where the column is optional, then values, all of them in `plain`.
  mutating func appendValues(_ plain: [UInt8], rowCount: Int) {
    let encoding = hasDictionary ? Encoding.dictionary : Encoding.plain
    append(plain, kind: PageKind.values) { header in
      header.write(5) { values in
        values.write(1, Int32(rowCount))
        values.write(2, encoding)
        values.write(3, Encoding.levels)
        values.write(4, Encoding.levels)
      }
    }
    self.rowCount += rowCount
    dataPageCount += 1
  }

  private mutating func append(_ plain: [UInt8], kind: Int32, _ details: (inout ThriftWriter) -> Void) {
    let stored = Zstandard.frame(plain.span)
    let header = ThriftWriter.structure { header in
      header.write(1, kind)
      header.write(2, Int32(plain.count))
      header.write(3, Int32(stored.count))
      details(&header)
    }
    bytes += header
    bytes += stored
    plainByteCount += header.count + plain.count
  }
}

/// Parquet's numbers of encodings.
enum Encoding {
  static let plain: Int32 = 0
  static let levels: Int32 = 3
  static let dictionary: Int32 = 8
}

/// Parquet's numbers of pages.
enum PageKind {
  static let values: Int32 = 0
  static let dictionary: Int32 = 2
}
