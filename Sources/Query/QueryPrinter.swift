internal import Telemetry

/// An answer as bytes, block by block, in the format that its request asks for.
///
/// As JSON it is one object: `table`, `epoch`, `columns`, `rows` as objects, `row_count`, and `read`, which is known
/// behind the rows only. NDJSON and CSV are the rows alone.
///
/// `@unchecked Sendable`: whoever pulls does so from one serial queue, as with its answer.
public final class QueryPrinter: @unchecked Sendable {
  private enum State {
    case fresh
    case inRows
    case ended
  }

  /// A block is handed on when it has as many bytes.
  private static let blockBytes = 1 << 18

  public let answer: QueryAnswer
  private let printer: RowPrinter
  private var state = State.fresh
  private var waiting: ArraySlice<[OutputValue]> = []
  private var rowCount = 0

  public init(_ answer: QueryAnswer) {
    self.answer = answer
    printer = RowPrinter(format: answer.request.format == .csv ? .csv : .ndjson, columns: answer.columns)
  }

  private var isJSON: Bool { answer.request.format == .json }

  /// The next bytes, never none; nil at the end. Reads the table where rows are plain.
  public func next() throws -> [UInt8]? {
    guard state != .ended else { return nil }
    var block: [UInt8] = []
    if state == .fresh {
      block += isJSON ? opening : printer.header
      state = .inRows
    }
    while block.count < QueryPrinter.blockBytes {
      if waiting.isEmpty { waiting = try answer.next()?[...] ?? [] }
      guard let row = waiting.popFirst() else {
        state = .ended
        if isJSON { block += closing }
        return block.isEmpty ? nil : block
      }
      append(row, to: &block)
    }
    return block
  }

  private func append(_ row: [OutputValue], to block: inout [UInt8]) {
    if isJSON, rowCount > 0 { block.append(UInt8(ascii: ",")) }
    printer.append(row, to: &block)
    // In an array lines would only be white space.
    if isJSON { block.removeLast() }
    rowCount += 1
  }

  private var opening: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.field("table", answer.request.table)
      json.field("epoch", answer.epoch)
      json.key("columns")
      json.array { json in
        for column in answer.columns { json.string(column) }
      }
      json.key("rows")
      json.raw([])
    }
    return json.bytes.dropLast() + [UInt8(ascii: "[")]
  }

  private var closing: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.field("row_count", rowCount)
      json.key("read")
      answer.statistics.write(to: &json)
    }
    return Array("],".utf8) + json.bytes.dropFirst() + [0x0A]
  }
}
