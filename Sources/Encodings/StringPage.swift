internal import Columns

/// Pages of text or bytes. Plain: `PlainText`. Constant: the one value's bytes, or nothing where all rows are null.
/// Identifiers: `IdentifierPage`. Others: which rows hold a text (`ValiditySection`) where some do not, then these.
enum StringPage {
  // MARK: Encode

  /// The page of all parts' texts, one part after the other, and their dictionary if one was made on the way.
  static func encode(
    _ parts: [StringColumn], _ codec: PageCodec
  ) -> (header: PageHeader, page: [UInt8], dictionary: TextDictionary?) {
    let summary = TextSummary(parts)
    var header = PageHeader(
      encoding: .constant, rowCount: summary.rowCount, nullCount: summary.nullCount, zoneMap: summary.zoneMap)
    if summary.isAllNull { return (header, [], nil) }
    if summary.nullCount == 0, summary.isConstant, let part = parts.first(where: { $0.rowCount > 0 }) {
      return (header, [UInt8](copying: part.bytes(0)), nil)
    }
    let page: [UInt8]
    let dictionary: TextDictionary?
    (header.encoding, page, dictionary) = smallest(parts, summary, codec)
    return (header, page, dictionary)
  }

  /// The page of `text` as its dictionary, behind `header`, which is that of another page of the same texts.
  static func encode(
    _ text: StringColumn, as dictionary: TextDictionary, _ header: PageHeader, _ codec: PageCodec
  ) -> (header: PageHeader, page: [UInt8]) {
    var header = header
    header.encoding = .dictionary
    return (header, page([text], TextSummary([text]), codec) { dictionary.write(codec, to: &$0) })
  }

  /// Dictionaries are read several times as fast as the rest, and whoever groups by them or counts them goes by their
  /// codes, which is worth some bytes; where rows are kept, they may also determine other columns. Two million made
  /// events take 0.3 % more for it, and users by country and hour 0.6 of the time.
  private static func dictionaryBonus(_ codec: PageCodec) -> Double { codec == .zstd ? 0.85 : 0.97 }
  /// Texts that take fewer bytes than this plainly are stored so.
  private static let worthwhileBytes = 256

  /// The encoding that is estimated to leave the fewest bytes behind the codec, simplest to read first.
  private static func smallest(
    _ parts: [StringColumn], _ summary: TextSummary, _ codec: PageCodec
  ) -> (PageEncoding, [UInt8], TextDictionary?) {
    let plainBytes = PlainText.byteCount(summary)
    guard plainBytes >= worthwhileBytes else { return (.plain, PlainText.page(parts, summary), nil) }
    let numbers = NumberedText.numbers(parts, summary).map { NumberedText.encode($0, codec) }
    let numberCost = numbers.map { Double(Compression.estimate($0.span, codec)) } ?? .infinity
    let textCost = numbers == nil ? textCost(parts, summary, codec) : .infinity
    let dictionary = TextDictionary(parts, rowCount: summary.rowCount - summary.nullCount)
    let dictionaryCost = dictionary.map { $0.cost(codec) * dictionaryBonus(codec) } ?? .infinity
    if let pattern = IdentifierPage.pattern(parts, summary),
      Double(pattern.packedLength * summary.rowCount) < min(dictionaryCost, textCost, numberCost),
      let identifiers = IdentifierPage.encode(parts, pattern, summary)
    {
      return (.identifier, identifiers, dictionary)
    }
    let (encoding, page) =
      if let dictionary, dictionaryCost < min(textCost, numberCost) {
        (PageEncoding.dictionary, page(parts, summary, codec) { dictionary.write(codec, to: &$0) })
      } else if let numbers {
        (PageEncoding.number, page(parts, summary, codec) { $0.writeRaw(numbers.span) })
      } else {
        (
          PageEncoding.text,
          page(parts, summary, codec) {
            PackedText.write(parts, prefixLength: summary.prefixLength, codec, to: &$0)
          }
        )
      }
    return page.count < plainBytes ? (encoding, page, dictionary) : (.plain, PlainText.page(parts, summary), dictionary)
  }

  /// The validity of all rows, if some are null, and what `write` writes behind it.
  private static func page(
    _ parts: [StringColumn], _ summary: TextSummary, _ codec: PageCodec, _ write: (inout ByteWriter) -> Void
  ) -> [UInt8] {
    var writer = ByteWriter(capacity: summary.byteCount / 4)
    if summary.nullCount > 0 { ValiditySection.write(validity(parts, summary), codec, to: &writer) }
    write(&writer)
    return writer.bytes
  }

  private static func validity(_ parts: [StringColumn], _ summary: TextSummary) -> ValidityBitmap {
    let words = ColumnBuffer<UInt64>(capacity: ValidityBitmap.wordCount(rowCount: summary.rowCount))
    var row = 0
    for part in parts {
      let views = part.views.span
      for index in views.indices {
        // `row` counts all parts' rows, for which there are words.
        unsafe words.base[row >> 6] |= (views[index].isNull ? 0 : 1) &<< UInt64(row & 63)
        row += 1
      }
    }
    words.seal(count: words.capacity)
    return ValidityBitmap(words: words, rowCount: summary.rowCount)
  }

  /// The bytes of `PackedText` after the codec, by the first rows of some parts.
  private static func textCost(_ parts: [StringColumn], _ summary: TextSummary, _ codec: PageCodec) -> Double {
    let wanted = 2048
    var sample: [StringColumn] = []
    for part in parts where part.rowCount > 0 {
      let step = max(parts.count, 4)
      let count = min(part.rowCount, max(wanted / step, 1))
      for start in stride(from: 0, to: part.rowCount, by: max(part.rowCount * parts.count / step, count)) {
        let end = min(start + count, part.rowCount)
        sample.append(Gathering.text(part, SelectionVector(UInt32(start)..<UInt32(end))))
      }
    }
    let sampled = TextSummary(sample)
    guard sampled.byteCount > 0 else { return Double(summary.byteCount) }
    var writer = ByteWriter(capacity: sampled.byteCount + sampled.rowCount)
    PackedText.write(sample, prefixLength: sampled.prefixLength, codec, to: &writer)
    return Double(Compression.estimate(writer.bytes.span, codec)) * Double(summary.byteCount)
      / Double(sampled.byteCount)
  }

  // MARK: Decode

  static func decode(_ plain: ByteArena, _ header: PageHeader) throws(CorruptionError) -> StringColumn {
    switch header.encoding {
    case .plain: return try PlainText.decode(plain, header)
    case .constant: return try decodeConstant(plain, header)
    default:
      guard plain.count <= Int(UInt32.max) else { throw CorruptionError("a page of text passes 4 GiB") }
      var reader = PageReader(plain)
      let column = try read(&reader, header)
      try reader.finish()
      return column
    }
  }

  private static func read(_ reader: inout PageReader, _ header: PageHeader) throws(CorruptionError) -> StringColumn {
    if header.encoding == .identifier {
      return try IdentifierPage.read(&reader, rowCount: header.rowCount, nullCount: header.nullCount)
    }
    let validity =
      header.nullCount == 0
      ? nil : try ValiditySection.read(&reader, rowCount: header.rowCount, nullCount: header.nullCount)
    let texts = try readTexts(&reader, header.encoding, count: header.rowCount - header.nullCount)
    guard let validity else { return texts }
    let distinct = texts.distinct.map {
      DistinctTexts(views: $0.views, codes: spread($0.codes, validity, null: DistinctTexts.none))
    }
    return StringColumn(views: spread(texts.views, validity, null: .null), arena: texts.arena, distinct: distinct)
  }

  /// A value for each row: the next of `values`, one for each row that has a text, or `null`.
  static func spread<Value>(
    _ values: ColumnBuffer<Value>, _ validity: ValidityBitmap, null: Value
  ) -> ColumnBuffer<Value> {
    let spread = unsafe ColumnBuffer<Value>(unclearedCapacity: validity.rowCount)
    // Rows stay below `rowCount`, positions below the number of texts.
    unsafe spread.base.update(repeating: null, count: validity.rowCount)
    ValiditySection.spread(validity) { row, position in unsafe spread.base[row] = values.base[position] }
    spread.seal(count: validity.rowCount)
    return spread
  }

  private static func readTexts(
    _ reader: inout PageReader, _ encoding: PageEncoding, count: Int
  ) throws(CorruptionError) -> StringColumn {
    switch encoding {
    case .dictionary: try TextDictionary.read(&reader, count: count)
    case .text: try PackedText.read(&reader, count: count)
    case .number: try NumberedText.read(&reader, count: count)
    default: throw CorruptionError("a page of text claims to hold \(encoding)")
    }
  }

  private static func decodeConstant(_ plain: ByteArena, _ header: PageHeader) throws(CorruptionError) -> StringColumn {
    if header.nullCount == header.rowCount, plain.count == 0 { return nulls(header.rowCount) }
    guard header.nullCount == 0, plain.count <= Int(Int32.max) else {
      throw CorruptionError("a constant page is null in some rows only")
    }
    let view = StringView(offset: 0, length: Int32(plain.count))
    let distinct = DistinctTexts(views: repeated(view, 1), codes: repeated(0, header.rowCount))
    return StringColumn(views: repeated(view, header.rowCount), arena: plain, distinct: distinct)
  }

  static func nulls(_ rowCount: Int) -> StringColumn {
    StringColumn(views: repeated(.null, rowCount), arena: ByteArena())
  }

  private static func repeated<Value>(_ value: Value, _ rowCount: Int) -> ColumnBuffer<Value> {
    let values = unsafe ColumnBuffer<Value>(unclearedCapacity: rowCount)
    // Room for exactly `rowCount` values.
    unsafe values.base.update(repeating: value, count: rowCount)
    values.seal(count: rowCount)
    return values
  }
}
