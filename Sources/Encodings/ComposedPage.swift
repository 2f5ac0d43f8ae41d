internal import Columns

/// Pages of texts most of which are made of words of another column's texts, as the identifier of an event is of that
/// of its session, and a page of its product: only what stands behind these words is stored.
///
/// Stored: how many pieces such a text begins with (1 byte); of each piece what stands in front of the word (its
/// length, 1 byte, and these bytes) and which word of the other text follows (1 byte); for each row whether its text
/// begins with them (an `IntegerSection` of 0 and 1); then a page of what stands behind the pieces, or of the whole
/// texts: its encoding (1 byte) and bytes.
enum ComposedPage {
  /// Columns with longer texts are not made of others.
  static let longestText = 255
  /// Texts begin with so many pieces at most.
  private static let pieceCountMax = 8
  /// Shorter words are like others by chance.
  private static let shortestWord = 4
  /// Rows that tell whether it is worth looking at all, and those of them whose pieces are tried.
  private static let probeRows = 256
  private static let triedRows = 8

  /// What stands in front of a word of the other text, and which word it is.
  struct Piece: Equatable {
    let literal: [UInt8]
    let word: Int
  }

  // MARK: Analyze

  /// What most texts of `column` begin with, by the words of `other`; nil where they have little in common. O(rows of
  /// a sample), and O(texts) where it is worth that.
  static func pieces(_ column: StringColumn, by other: StringColumn) -> [Piece]? {
    let probe = stride(from: 0, to: column.rowCount, by: max(1, column.rowCount / probeRows)).filter {
      !column.isNull($0) && !other.isNull($0)
    }
    var best: (pieces: [Piece], byteCount: Int)?
    var tried: [[Piece]] = []
    for row in probe.prefix(triedRows) {
      let pieces = pieces(column.bytes(row), Words(other, row).bounds, other.bytes(row))
      guard !pieces.isEmpty, !tried.contains(pieces) else { continue }
      tried.append(pieces)
      let lengths = probe.map { row in
        match(column.bytes(row), pieces, Words(other, row).bounds, other.bytes(row)) ?? 0
      }
      let byteCount = lengths.reduce(0, +)
      guard lengths.count(where: { $0 > 0 }) * 3 >= probe.count, byteCount > best?.byteCount ?? 0 else { continue }
      best = (pieces, byteCount)
    }
    guard let best, (0..<column.rowCount).allSatisfy({ column.views[$0].length <= Int32(longestText) }) else {
      return nil
    }
    return best.pieces
  }

  /// The words of `text` that are words of `other` too, and what stands in front of each.
  private static func pieces(_ text: Span<UInt8>, _ bounds: [Range<Int>], _ other: Span<UInt8>) -> [Piece] {
    var found: [Piece] = []
    var end = 0
    for word in Words.bounds(text) where word.count >= shortestWord && found.count < pieceCountMax {
      var number = 0
      while number < bounds.count, !isEqual(text, word, other, bounds[number]) { number += 1 }
      guard number < bounds.count, word.upperBound <= longestText else { continue }
      found.append(Piece(literal: Array(copying: text.extracting(end..<word.lowerBound)), word: number))
      end = word.upperBound
    }
    return found
  }

  /// How many bytes of the text `pieces` are; nil where it does not begin with all of them.
  private static func match(
    _ text: Span<UInt8>, _ pieces: [Piece], _ bounds: [Range<Int>], _ other: Span<UInt8>
  ) -> Int? {
    var end = 0
    for piece in pieces {
      guard piece.word < bounds.count else { return nil }
      let word = bounds[piece.word]
      let start = end + piece.literal.count
      guard start + word.count <= text.count, isEqual(text, end..<start, piece.literal.span, piece.literal.indices),
        isEqual(text, start..<start + word.count, other, word)
      else { return nil }
      end = start + word.count
    }
    return end
  }

  private static func isEqual(
    _ left: Span<UInt8>, _ leftRange: Range<Int>, _ right: Span<UInt8>, _ rightRange: Range<Int>
  ) -> Bool {
    guard leftRange.count == rightRange.count else { return false }
    for index in 0..<leftRange.count where left[leftRange.lowerBound + index] != right[rightRange.lowerBound + index] {
      return false
    }
    return true
  }

  // MARK: Encode

  /// The page of `column`, of whose texts most begin with `pieces`. O(bytes).
  static func encode(
    _ column: StringColumn, _ pieces: [Piece], by other: StringColumn, _ codec: PageCodec
  ) -> [UInt8] {
    var (rests, flags): ([StringView], [Int64]) = ([], [])
    rests.reserveCapacity(column.rowCount)
    flags.reserveCapacity(column.rowCount)
    var words = Words(other, 0)
    for row in 0..<column.rowCount {
      var view = column.views[row]
      var length: Int?
      if !view.isNull, !other.isNull(row) {
        words.move(to: row, of: other)
        length = match(column.bytes(row), pieces, words.bounds, other.bytes(row))
      }
      if let length {
        view = StringView(offset: view.offset + UInt32(length), length: view.length - Int32(length))
      }
      rests.append(view)
      flags.append(length == nil ? 0 : 1)
    }
    let (header, rest, _) = StringPage.encode(
      [StringColumn(views: ColumnBuffer(rests), arena: column.arena)], codec)
    var writer = ByteWriter(capacity: rest.count + 64)
    writer.write(UInt8(pieces.count))
    for piece in pieces {
      writer.write(UInt8(piece.literal.count))
      writer.writeRaw(piece.literal.span)
      writer.write(UInt8(piece.word))
    }
    IntegerSection.write(flags.span, codec, depth: 0, areCodes: true, to: &writer)
    writer.write(header.encoding.rawValue)
    writer.writeRaw(rest.span)
    return writer.bytes
  }

  // MARK: Decode

  /// The texts of the page, or of `rows`, of which `other` has the other texts: of the same rows in the same order.
  static func text(
    _ plain: ByteArena, _ header: PageHeader, rows: SelectionVector?, by other: StringColumn
  ) throws(CorruptionError) -> StringColumn {
    guard plain.count <= Int(UInt32.max) else { throw CorruptionError("a page of text passes 4 GiB") }
    guard other.rowCount == rows?.count ?? header.rowCount else {
      throw CorruptionError("a page of \(header.rowCount) rows is made of one of \(other.rowCount)")
    }
    var reader = PageReader(plain)
    let pieces = try readPieces(&reader)
    let all = try IntegerSection.read(&reader, count: header.rowCount, depth: 0)
    let flags = rows.map { ColumnBuffer($0.map { all[Int($0)] }) } ?? all
    let rests = try readRests(&reader, header, rows)
    return try Composition(pieces, other).texts(rests, flags)
  }

  private static func readPieces(_ reader: inout PageReader) throws(CorruptionError) -> [Piece] {
    var pieces: [Piece] = []
    for _ in 0..<(try reader.readCount(of: "pieces of a text", atMost: pieceCountMax)) {
      let length = Int(try reader.readUInt8())
      let start = try reader.pass(over: length, of: "what stands in front of a word")
      let literal = Array(copying: reader.page.span.extracting(start..<start + length))
      pieces.append(Piece(literal: literal, word: Int(try reader.readUInt8())))
    }
    return pieces
  }

  /// What stands behind the pieces: a page inside this one.
  private static func readRests(
    _ reader: inout PageReader, _ header: PageHeader, _ rows: SelectionVector?
  ) throws(CorruptionError) -> StringColumn {
    guard let encoding = PageEncoding(rawValue: try reader.readUInt8()), encoding != .composed,
      encoding != .determined
    else { throw CorruptionError("a page inside another has an encoding that cannot be", offset: reader.offset - 1) }
    let inner = PageHeader(
      encoding: encoding, rowCount: header.rowCount, nullCount: header.nullCount, zoneMap: .unknown)
    let length = reader.remaining
    let start = try reader.pass(over: length, of: "a page")
    let bytes = ByteArena(capacity: length)
    bytes.append(reader.page.span.extracting(start..<start + length))
    guard let rows else { return try StringPage.decode(bytes, inner) }
    if encoding != .plain, encoding != .constant { return try StringPage.fetch(rows, bytes, inner) }
    return Gathering.text(try StringPage.decode(bytes, inner), rows)
  }
}
