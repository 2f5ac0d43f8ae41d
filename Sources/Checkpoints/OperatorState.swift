public import Dataflow
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
  /// No entry in a part of a log is newer; nil where the state is none.
  public var newest: Int64?
  /// How often parts of a log were merged into what this one was made of.
  public var level = 0

  public init(
    path: String, offset: Int, byteCount: Int, checksum: UInt32, schemaVersion: Int, newest: Int64? = nil,
    level: Int = 0
  ) {
    self.path = path
    self.offset = offset
    self.byteCount = byteCount
    self.checksum = checksum
    self.schemaVersion = schemaVersion
    self.newest = newest
    self.level = level
  }

  func write(to writer: inout ByteWriter) {
    writer.write(path)
    writer.writeVarint(UInt64(offset))
    writer.writeVarint(UInt64(byteCount))
    writer.write(checksum)
    writer.writeVarint(UInt64(schemaVersion))
    writer.write(newest != nil)
    if let newest { writer.write(newest) }
    writer.writeVarint(UInt64(level))
  }

  init(from reader: inout ByteReader) throws(CorruptionError) {
    path = try reader.readText()
    offset = try reader.readNumber()
    byteCount = try reader.readNumber()
    checksum = try reader.readUInt32()
    schemaVersion = try reader.readNumber()
    newest = try reader.readBool() ? try reader.readInt64() : nil
    level = try reader.readNumber()
  }
}

/// An operator's state for a commit to store: all of it, or what goes behind the parts that are stored.
public struct StateBytes: Sendable {
  public var isWhole: Bool
  /// Of a log, of which several parts side by side are one part; nil where the state is none.
  public var logSpan: LogSpan?
  /// They are stored one behind the other.
  public var pieces: [[UInt8]]

  public init(isWhole: Bool = true, logSpan: LogSpan? = nil, pieces: [[UInt8]]) {
    self.isWhole = isWhole
    self.logSpan = logSpan
    self.pieces = pieces
  }

  public init(isWhole: Bool = true, logSpan: LogSpan? = nil, _ bytes: [UInt8]) {
    self.init(isWhole: isWhole, logSpan: logSpan, pieces: [bytes])
  }

  public var byteCount: Int { pieces.reduce(0) { $0 + $1.count } }

  /// All of them together. O(bytes) unless it is one piece.
  public var bytes: [UInt8] { pieces.count == 1 ? pieces[0] : Array(pieces.joined()) }

  /// What is to be stored where `later` comes before this was.
  public func followed(by later: StateBytes) -> StateBytes {
    guard !later.isWhole else { return later }
    var both = later
    both.isWhole = isWhole
    both.pieces = pieces + later.pieces
    if let newest = logSpan?.newest { both.logSpan?.newest = max(newest, later.logSpan?.newest ?? newest) }
    return both
  }
}
