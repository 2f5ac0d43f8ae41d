/// How a page's plain bytes were made.
public enum PageEncoding: UInt8, Sendable {
  /// Every row's value, one after the other.
  case plain = 0
  /// All rows are null, or all hold the one value that is stored.
  case constant = 1
  /// Texts of one length that differ in hexadecimal digits: those digits, two a byte.
  case identifier = 2
  /// Numbers as what they are above the smallest of their block, packed to bits.
  case frameOfReference = 3
  /// Differences of neighbours, packed.
  case delta = 4
  /// Differences of differences, packed.
  case deltaOfDelta = 5
  /// Each distinct value once, and its number for each row.
  case dictionary = 6
  /// The value and the length of each run.
  case runLength = 7
  /// Numbers divided by a power of ten.
  case scaled = 8
  /// Numbers byte by byte, the same byte of all rows side by side.
  case bytePlanes = 9
  /// Texts without what all begin with, behind their packed lengths.
  case text = 10
  /// Numbers of texts that all begin the same.
  case number = 11
  /// Differences of neighbours byte by byte.
  case deltaPlanes = 12
  /// Each row's value by that of another column.
  case determined = 13
  /// What stands behind words of another column's text.
  case composed = 14

  /// Whether another column has to be read first.
  var needsAnother: Bool { self == .determined || self == .composed }
}

/// How a page's plain bytes are stored.
public enum PageCodec: UInt8, Sendable {
  case none = 0
  /// One lz4 block: fast, for what is fresh.
  case lz4 = 1
  /// Zstandard frames: small, for what is kept.
  case zstd = 2
}

/// What a reader must know before it opens a page.
public struct PageHeader: Sendable, Equatable {
  public var encoding: PageEncoding
  /// The position of the column that determines this one, which is a dictionary or determined too, or of the column of
  /// text whose words this one is made of; nil in all other encodings.
  public internal(set) var determinant: Int?
  public var codec: PageCodec
  /// Rows of the page, nulls included. Not stored with the header: all pages of a row group have the group's count.
  public var rowCount: Int
  public var nullCount: Int
  /// Bytes before compression.
  public var plainByteCount: Int
  /// Bytes in the file.
  public var storedByteCount: Int
  /// CRC32C of the bytes in the file.
  public var checksum: UInt32
  public var zoneMap: ZoneMap

  /// Encoding, of a column that needs another one its position as a varint, codec, three counts as varints, checksum,
  /// zone map.
  public func write(to writer: inout ByteWriter) {
    writer.write(encoding.rawValue)
    if let determinant { writer.writeVarint(UInt64(determinant)) }
    writer.write(codec.rawValue)
    writer.writeVarint(UInt64(nullCount))
    writer.writeVarint(UInt64(plainByteCount))
    writer.writeVarint(UInt64(storedByteCount))
    writer.write(checksum)
    zoneMap.write(to: &writer)
  }

  init(encoding: PageEncoding, rowCount: Int, nullCount: Int, zoneMap: ZoneMap) {
    self.encoding = encoding
    self.rowCount = rowCount
    self.nullCount = nullCount
    self.zoneMap = zoneMap
    codec = .none
    plainByteCount = 0
    storedByteCount = 0
    checksum = 0
  }

  public init(from reader: inout ByteReader, rowCount: Int) throws(CorruptionError) {
    let start = reader.offset
    guard let encoding = PageEncoding(rawValue: try reader.readUInt8()) else {
      throw CorruptionError("a page has an unknown encoding", offset: start)
    }
    determinant = encoding.needsAnother ? try reader.readNumber() : nil
    let codecStart = reader.offset
    guard let codec = PageCodec(rawValue: try reader.readUInt8()) else {
      throw CorruptionError("a page has an unknown codec", offset: codecStart)
    }
    self.encoding = encoding
    self.codec = codec
    self.rowCount = rowCount
    nullCount = try reader.readNumber()
    plainByteCount = try reader.readNumber()
    storedByteCount = try reader.readNumber()
    checksum = try reader.readUInt32()
    zoneMap = try ZoneMap(from: &reader)
    guard nullCount <= rowCount else {
      throw CorruptionError("a page has \(nullCount) nulls in \(rowCount) rows", offset: start)
    }
  }
}
