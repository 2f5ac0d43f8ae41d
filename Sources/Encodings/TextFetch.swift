internal import Columns

/// A section of texts of which a few are wanted: where its parts lie, found without making texts of them.
enum TextFetch {
  case identifier(IdentifierPage.Places)
  case number(NumberedText.Form, IntegerFetch)
  case text(PackedText.Places)
  indirect case dictionary(TextFetch, distinctCount: Int, codes: IntegerFetch)

  /// Passes over a section of `count` texts, none of which is null, that begins with its encoding.
  init(_ reader: inout PageReader, count: Int) throws(CorruptionError) {
    guard let encoding = PageEncoding(rawValue: try reader.readUInt8()), encoding != .dictionary else {
      throw CorruptionError("the texts of a dictionary have an unknown encoding", offset: reader.offset - 1)
    }
    try self.init(&reader, as: encoding, count: count)
  }

  /// The same where the encoding is known. O(1,024) for each of its blocks at most; where texts lie side by side
  /// O(count).
  init(_ reader: inout PageReader, as encoding: PageEncoding, count: Int) throws(CorruptionError) {
    switch encoding {
    case .identifier: self = .identifier(try IdentifierPage.Places(&reader, rowCount: count, nullCount: 0))
    case .number: self = .number(try NumberedText.Form(&reader), try IntegerFetch(&reader, count: count, depth: 0))
    case .text: self = .text(try PackedText.Places(&reader, count: count))
    case .dictionary:
      let distinctCount = try reader.readCount(of: "distinct texts", atMost: count)
      let texts = try TextFetch(&reader, count: distinctCount)
      self = .dictionary(
        texts, distinctCount: distinctCount, codes: try IntegerFetch(&reader, count: count, depth: 1))
    default: throw CorruptionError("a page of text claims to hold \(encoding)")
    }
  }

  /// The texts of `rows`, in their order; each is below the section's count, which is a precondition.
  func texts(_ rows: [UInt32]) throws(CorruptionError) -> StringColumn {
    switch self {
    case .identifier(let places): return places.texts(rows)
    case .number(let form, let numbers):
      let found = try numbers.values(rows)
      return try form.texts(of: found.span)
    case .text(let places): return places.texts(rows)
    case .dictionary(let texts, let distinctCount, let codes):
      return try texts.texts(try IntegerFetch.codes(of: rows, codes, below: distinctCount))
    }
  }
}
