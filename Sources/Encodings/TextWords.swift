internal import Columns

/// Where the words of a row's text lie: runs of letters and digits of ASCII, up to 256 of them.
struct Words {
  private(set) var bounds: [Range<Int>] = []
  private var view = StringView.null

  init(_ column: StringColumn, _ row: Int) {
    if row < column.rowCount { move(to: row, of: column) }
  }

  /// Goes to another row of the same column; rows that follow each other often share their text.
  mutating func move(to row: Int, of column: StringColumn) {
    guard column.views[row] != view else { return }
    view = column.views[row]
    bounds = Words.bounds(column.bytes(row))
  }

  static func bounds(_ text: Span<UInt8>) -> [Range<Int>] {
    var bounds: [Range<Int>] = []
    var start: Int?
    for index in text.indices {
      if isWord(text[index]) {
        start = start ?? index
      } else if let begin = start {
        bounds.append(begin..<index)
        start = nil
        if bounds.count > Int(UInt8.max) { return bounds }
      }
    }
    if let start { bounds.append(start..<text.count) }
    return bounds
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26
  }
}
