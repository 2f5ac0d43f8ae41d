public import Encodings

/// How a commit names a segment.
public struct SegmentReference: Sendable, Equatable {
  /// Relative to the data directory.
  public var path: String
  public var byteCount: Int
  public var rowCount: Int
  /// CRC32C of the footer, which holds the checksums of all else.
  public var checksum: UInt32
  /// The UTC day of all rows: milliseconds of its midnight.
  public var dayMilliseconds: Int64
  /// How often its rows were merged (`SegmentOrigin`); 0 for rows as they came.
  public var level: Int
  /// The sequence number behind the last of its rows.
  public var sequenceEnd: Int64
  /// Bounds of the table's time column, where it has one.
  public var minimumTime: Int64?
  public var maximumTime: Int64?

  public init(
    path: String, byteCount: Int, rowCount: Int, checksum: UInt32, dayMilliseconds: Int64, level: Int = 0,
    sequenceEnd: Int64 = 0, minimumTime: Int64? = nil, maximumTime: Int64? = nil
  ) {
    self.path = path
    self.byteCount = byteCount
    self.rowCount = rowCount
    self.checksum = checksum
    self.dayMilliseconds = dayMilliseconds
    self.level = level
    self.sequenceEnd = sequenceEnd
    self.minimumTime = minimumTime
    self.maximumTime = maximumTime
  }

  public func write(to writer: inout ByteWriter) {
    writer.write(path)
    writer.writeVarint(UInt64(byteCount))
    writer.writeVarint(UInt64(rowCount))
    writer.write(checksum)
    writer.writeSignedVarint(dayMilliseconds)
    writer.writeVarint(UInt64(level))
    writer.writeSignedVarint(sequenceEnd)
    writer.write(minimumTime != nil)
    writer.writeSignedVarint(minimumTime ?? 0)
    writer.write(maximumTime != nil)
    writer.writeSignedVarint(maximumTime ?? 0)
  }

  public init(from reader: inout ByteReader) throws(CorruptionError) {
    path = try reader.readText()
    byteCount = try reader.readNumber()
    rowCount = try reader.readNumber()
    checksum = try reader.readUInt32()
    dayMilliseconds = try reader.readSignedVarint()
    level = try reader.readNumber()
    sequenceEnd = try reader.readSignedVarint()
    let hasMinimum = try reader.readBool()
    let minimum = try reader.readSignedVarint()
    let hasMaximum = try reader.readBool()
    let maximum = try reader.readSignedVarint()
    minimumTime = hasMinimum ? minimum : nil
    maximumTime = hasMaximum ? maximum : nil
  }
}
