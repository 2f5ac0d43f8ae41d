internal import Columns

/// Makes texts of pieces, which have words of another column's texts, and of what stands behind them.
struct Composition {
  private let pieces: [ComposedPage.Piece]
  private let other: StringColumn
  private let arena: ByteArena
  private var words: Words
  /// What the row before began with: rows that follow each other often begin the same.
  private var beginning: (other: StringView, view: StringView)?

  init(_ pieces: [ComposedPage.Piece], _ other: StringColumn) {
    (self.pieces, self.other) = (pieces, other)
    arena = ByteArena(capacity: other.rowCount * 16)
    words = Words(other, 0)
  }

  /// The text of each row: `rests` as they are, or behind the pieces where the flag is set.
  consuming func texts(
    _ rests: StringColumn, _ flags: ColumnBuffer<Int64>
  ) throws(CorruptionError) -> StringColumn {
    if let distinct = rests.distinct, let others = other.distinct {
      return try distinctTexts(rests, distinct.codes, others.codes, flags)
    }
    var views: [StringView] = []
    views.reserveCapacity(rests.rowCount)
    for row in 0..<rests.rowCount {
      try views.append(rests.isNull(row) ? .null : append(row, rests, isBehind: flags[row] != 0))
    }
    return StringColumn(views: ColumnBuffer(views), arena: arena)
  }

  /// The same where both are stored with each text once: then these are, too.
  private mutating func distinctTexts(
    _ rests: StringColumn, _ restCodes: ColumnBuffer<UInt32>, _ otherCodes: ColumnBuffer<UInt32>,
    _ flags: ColumnBuffer<Int64>
  ) throws(CorruptionError) -> StringColumn {
    var (views, codes, distinct): ([StringView], [UInt32], [StringView]) = ([], [], [])
    views.reserveCapacity(rests.rowCount)
    codes.reserveCapacity(rests.rowCount)
    // By the number of each text the code of the other one and that of its rest.
    var (known, pairs): (CodeTable, [UInt64]) = (CodeTable(), [])
    for row in 0..<rests.rowCount {
      guard !rests.isNull(row) else {
        views.append(.null)
        codes.append(DistinctTexts.none)
        continue
      }
      let isBehind = flags[row] != 0
      let pair = UInt64(isBehind ? otherCodes[row] : DistinctTexts.none) << 32 | UInt64(restCodes[row])
      let code = known.code(of: CodeTable.mix(pair)) { pairs[$0] == pair }
      if code == pairs.count {
        pairs.append(pair)
        distinct.append(try append(row, rests, isBehind: isBehind))
      }
      views.append(distinct[code])
      codes.append(UInt32(code))
    }
    return StringColumn(
      views: ColumnBuffer(views), arena: arena,
      distinct: DistinctTexts(views: ColumnBuffer(distinct), codes: ColumnBuffer(codes)))
  }

  /// Makes the text of `row`, whose rest is there.
  private mutating func append(
    _ row: Int, _ rests: StringColumn, isBehind: Bool
  ) throws(CorruptionError) -> StringView {
    let rest = rests.views[row]
    let length = try isBehind ? move(to: row) : 0
    guard length + Int(rest.length) <= ComposedPage.longestText else {
      throw CorruptionError("the text of row \(row) has \(length + Int(rest.length)) bytes, which is too much")
    }
    let start = UInt32(arena.count)
    if isBehind { appendBeginning(row, length) }
    _ = arena.append(rest, of: rests.arena)
    return StringView(offset: start, length: Int32(length) + rest.length)
  }

  /// The bytes that the text of `row` begins with, in front of its rest.
  private mutating func move(to row: Int) throws(CorruptionError) -> Int {
    guard !other.isNull(row) else { throw CorruptionError("the text of row \(row) is made of a null") }
    if let beginning, beginning.other == other.views[row] { return Int(beginning.view.length) }
    beginning = nil
    words.move(to: row, of: other)
    var length = 0
    for piece in pieces {
      guard piece.word < words.bounds.count else {
        throw CorruptionError("the text of row \(row) is made of word \(piece.word) of \(words.bounds.count)")
      }
      length += piece.literal.count + words.bounds[piece.word].count
    }
    return length
  }

  private mutating func appendBeginning(_ row: Int, _ length: Int) {
    let start = UInt32(arena.count)
    if let beginning {
      _ = arena.append(beginning.view, of: arena)
    } else {
      let text = other.bytes(row)
      for piece in pieces {
        arena.append(piece.literal.span)
        arena.append(text.extracting(words.bounds[piece.word]))
      }
    }
    beginning = (other.views[row], StringView(offset: start, length: Int32(length)))
  }
}
