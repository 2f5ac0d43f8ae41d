internal import Columns
internal import Glibc

/// Where wanted texts stand in a section of texts, none of which is null: they are brought into the form of the section
/// and compared there, so that no text is made.
enum TextSearch {
  /// The positions, ascending, of the texts of a section in `encoding` that are among `wanted`; nil where all have to
  /// be read for that. Where none can be there, the reader may stay in front of the end of the section.
  static func positions(
    of wanted: [[UInt8]], _ reader: inout PageReader, as encoding: PageEncoding, count: Int
  ) throws(CorruptionError) -> [UInt32]? {
    switch encoding {
    case .number:
      let form = try NumberedText.Form(&reader)
      let numbers = Set(wanted.compactMap(form.number)).sorted()
      return numbers.isEmpty ? [] : try IntegerSearch.positions(of: numbers, &reader, count: count, depth: 0)
    case .identifier: return try IdentifierPage.Places(&reader, rowCount: count, nullCount: 0).rows(of: wanted)
    case .text: return try PackedText.Places(&reader, count: count).rows(of: wanted)
    case .dictionary:
      let distinctCount = try reader.readCount(of: "distinct texts", atMost: count)
      guard let encoding = PageEncoding(rawValue: try reader.readUInt8()), encoding != .dictionary,
        let codes = try positions(of: wanted, &reader, as: encoding, count: distinctCount)
      else { throw CorruptionError("the texts of a dictionary have an unknown encoding", offset: reader.offset - 1) }
      guard !codes.isEmpty else { return [] }
      return try IntegerSearch.positions(of: codes.map(Int64.init), &reader, count: count, depth: 1)
    default: return nil
    }
  }
}
