public import Columns

/// The rows of a page that hold one of a few texts.
extension Page {
  /// The rows, ascending, whose text is one of `texts`, in the page that `stored` holds; nil where its encoding wants
  /// all of them read for that. Throws if it is not what `header` says; damage may stay unseen behind a right checksum.
  /// O(bytes of the page) for checksum and codec, then less than decoding takes: texts are compared as they are stored.
  public static func rows(
    of texts: [[UInt8]], _ stored: ByteArena, header: PageHeader
  ) throws(CorruptionError) -> SelectionVector? {
    guard [.identifier, .dictionary, .number, .text].contains(header.encoding) else { return nil }
    let plain = try plain(stored, header)
    guard plain.count <= Int(UInt32.max) else { throw CorruptionError("a page of text passes 4 GiB") }
    var reader = PageReader(plain)
    if header.encoding == .identifier {
      return try IdentifierPage.Places(&reader, rowCount: header.rowCount, nullCount: header.nullCount).rows(of: texts)
    }
    let validity =
      header.nullCount == 0
      ? nil : try ValiditySection.read(&reader, rowCount: header.rowCount, nullCount: header.nullCount)
    let count = header.rowCount - header.nullCount
    let positions = try TextSearch.positions(of: texts, &reader, as: header.encoding, count: count)
    guard let positions, let validity else { return positions }
    return ValiditySection.rows(of: positions, validity)
  }
}
