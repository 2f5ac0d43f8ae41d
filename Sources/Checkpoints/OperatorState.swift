internal import Encodings

/// Where an operator's state, or a part of it, lies.
public struct OperatorState: Sendable, Equatable {
  /// Relative to the data directory.
  public var path: String
  /// Where it begins in the file.
  public var offset: Int
  public var byteCount: Int
  public var checksum: UInt32
  /// The form of the bytes, which the operator knows.
  public var schemaVersion: Int

  public init(path: String, offset: Int, byteCount: Int, checksum: UInt32, schemaVersion: Int) {
    self.path = path
    self.offset = offset
    self.byteCount = byteCount
    self.checksum = checksum
    self.schemaVersion = schemaVersion
  }

  func write(to writer: inout ByteWriter) {
    writer.write(path)
    writer.writeVarint(UInt64(offset))
    writer.writeVarint(UInt64(byteCount))
    writer.write(checksum)
    writer.writeVarint(UInt64(schemaVersion))
  }

  init(from reader: inout ByteReader) throws(CorruptionError) {
    path = try reader.readText()
    offset = try reader.readNumber()
    byteCount = try reader.readNumber()
    checksum = try reader.readUInt32()
    schemaVersion = try reader.readNumber()
  }
}

/// An operator's state for a commit to store: all of it, or what goes behind the parts that are stored.
public struct StateBytes: Sendable {
  public var isWhole: Bool
  public var bytes: [UInt8]

  public init(isWhole: Bool = true, _ bytes: [UInt8]) {
    self.isWhole = isWhole
    self.bytes = bytes
  }
}
