internal import Columns

/// The distinct texts of a dictionary: none is null, and no two are equal.
///
/// Stored: the encoding (1 byte: number, identifier or text), and what that encoding stores.
enum TextSection {
  // MARK: Encode

  static func write(_ texts: StringColumn, to writer: inout ByteWriter) {
    let summary = TextSummary([texts])
    if let numbers = NumberedText.numbers([texts], summary) {
      writer.write(PageEncoding.number.rawValue)
      writer.writeRaw(NumberedText.encode(numbers, .none).span)
    } else if let pattern = IdentifierPage.pattern([texts], summary),
      let identifiers = IdentifierPage.encode([texts], pattern, summary)
    {
      writer.write(PageEncoding.identifier.rawValue)
      writer.writeRaw(identifiers.span)
    } else {
      writer.write(PageEncoding.text.rawValue)
      PackedText.write([texts], prefixLength: summary.prefixLength, .none, to: &writer)
    }
  }

  // MARK: Decode

  static func read(_ reader: inout PageReader, count: Int) throws(CorruptionError) -> StringColumn {
    switch PageEncoding(rawValue: try reader.readUInt8()) {
    case .identifier: try IdentifierPage.read(&reader, rowCount: count, nullCount: 0)
    case .number: try NumberedText.read(&reader, count: count)
    case .text: try PackedText.read(&reader, count: count)
    default: throw CorruptionError("the texts of a dictionary have an unknown encoding", offset: reader.offset - 1)
    }
  }
}
