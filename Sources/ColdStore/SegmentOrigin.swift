internal import Encodings

/// What a segment was made of, as its footer says.
public struct SegmentOrigin: Sendable, Equatable {
  /// 0 for row groups as they came; of a merged segment one more than the highest among those it was merged from.
  public var level: Int
  /// The sequence number behind the last of all its rows, wherever they came from.
  public var sequenceEnd: Int64
  /// By what the rows of a merged segment are sorted, in words of the table; empty for the order in which they came.
  public var order: [String]
  /// The files that a merged segment replaced, relative to the data directory.
  public var sources: [String]

  /// No honest segment was merged so often.
  private static let maximumLevel = 1 << 20

  public init(level: Int = 0, sequenceEnd: Int64, order: [String] = [], sources: [String] = []) {
    self.level = level
    self.sequenceEnd = sequenceEnd
    self.order = order
    self.sources = sources
  }

  /// Of row groups as they came.
  init(of headers: [RowGroupHeader]) { self.init(sequenceEnd: headers.map(\.sequence.upperBound).max() ?? 0) }

  func write(to writer: inout ByteWriter) {
    writer.writeVarint(UInt64(level))
    writer.writeVarint(UInt64(sequenceEnd))
    for texts in [order, sources] {
      writer.writeVarint(UInt64(texts.count))
      for text in texts { writer.write(text) }
    }
  }

  init(from reader: inout ByteReader) throws(CorruptionError) {
    level = try reader.readNumber()
    sequenceEnd = Int64(clamping: try reader.readVarint())
    guard level <= SegmentOrigin.maximumLevel, sequenceEnd <= RowGroupHeader.maximumSequence else {
      throw CorruptionError("a segment claims level \(level) and to end behind \(sequenceEnd) rows")
    }
    order = try SegmentOrigin.readTexts(&reader)
    sources = try SegmentOrigin.readTexts(&reader)
  }

  private static func readTexts(_ reader: inout ByteReader) throws(CorruptionError) -> [String] {
    var texts: [String] = []
    for _ in 0..<(try reader.readCount(of: "texts")) { texts.append(try reader.readText()) }
    return texts
  }
}
