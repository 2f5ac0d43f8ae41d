import Columns
import Ingest

/// Records of CSV (RFC 4180) as events: the first line names the columns, an empty cell is no member.
final class CSVMessages: MessageReader {
  private let lines: LineReader
  private let path: String
  private let layout: CSVLayout
  private var lineNumber = 0

  /// - Throws: A bad data error where there is no header, a usage error where `mapping` does not fit it.
  init(path: String, mapping: CSVMapping) throws {
    self.path = path
    lines = try LineReader(path: path, maximumLineBytes: LineMessages.maximumBytes)
    var number = 0
    guard var header = try CSVMessages.record(lines, path, &number) else {
      throw CommandError.badData("\(path) is empty; its first line must name the columns")
    }
    if header[0].starts(with: [0xEF, 0xBB, 0xBF]) { header[0].removeFirst(3) }
    layout = try CSVLayout(columns: header.map { String(decoding: $0, as: UTF8.self) }, mapping, path: path)
    lineNumber = number
  }

  var byteOffset: Int64 { lines.byteOffset }

  func nextMessage(into arena: ByteArena) throws -> Range<Int>? {
    let number = lineNumber + 1
    guard let cells = try CSVMessages.record(lines, path, &lineNumber) else { return nil }
    guard cells.count == layout.columnCount else {
      throw CommandError.badData("\(path):\(number): has \(cells.count) fields; the header has \(layout.columnCount)")
    }
    let event = layout.event(cells)
    let start = arena.append(event.span)
    return start..<start + event.count
  }

  /// The cells of the next record that is not blank, which may take several lines; nil at the end.
  private static func record(_ lines: LineReader, _ path: String, _ lineNumber: inout Int) throws -> [[UInt8]]? {
    var text: [UInt8] = []
    var firstNumber = lineNumber + 1
    while true {
      let arena = ByteArena()
      guard let line = try lines.lines(into: arena, atMost: 1).first else {
        guard text.isEmpty else { throw CommandError.badData("\(path):\(firstNumber): a quote is not closed") }
        return nil
      }
      lineNumber += 1
      let span = arena.span.extracting(line)
      for index in span.indices { text.append(span[index]) }
      if let cells = CSVRecord.cells(text) {
        guard cells == [[]] else { return cells }
        text.removeAll()
        firstNumber = lineNumber + 1
      } else {
        guard text.count <= LineMessages.maximumBytes else {
          throw CommandError.badData("\(path):\(firstNumber): a quote is not closed")
        }
        text.append(0x0A)
      }
    }
  }
}

/// One record of CSV.
enum CSVRecord {
  /// The cells of `text`, which has no line end but may have a carriage return; nil where a quote is not closed, so
  /// that the record goes on in the next line. Quotes inside a cell that does not begin with one are text.
  static func cells(_ text: [UInt8]) -> [[UInt8]]? {
    let quote = UInt8(ascii: "\"")
    let text = text.last == 0x0D ? text.dropLast() : text[...]
    var cells: [[UInt8]] = []
    var cell: [UInt8] = []
    var position = 0
    while position < text.count {
      if cell.isEmpty, text[position] == quote, position == 0 || text[position - 1] == UInt8(ascii: ",") {
        position += 1
        while true {
          guard position < text.count else { return nil }
          let isQuote = text[position] == quote
          if isQuote, position + 1 == text.count || text[position + 1] != quote { break }
          cell.append(text[position])
          position += isQuote ? 2 : 1
        }
      } else if text[position] == UInt8(ascii: ",") {
        cells.append(cell)
        cell = []
      } else {
        cell.append(text[position])
      }
      position += 1
    }
    return cells + [cell]
  }
}
