/// What a vertex leaves on a barrier's way: an operator its encoded state, a source its position.
public enum VertexState: Sendable {
  case state([UInt8])
  case position(SourcePosition)
}

/// How far a source had read: everything before is in the checkpoint, nothing behind it is.
public struct SourcePosition: Sendable, Equatable {
  /// The partition, as the commit numbers it.
  public var source: Int
  /// The offset of the next message.
  public var nextOffset: Int64
  /// Files: the byte at which the next message begins.
  public var byteOffset: Int64
  /// Files: CRC32C of all bytes before `byteOffset`.
  public var checksum: UInt32
  /// The newest event time read, less what is too far in the future; nil before the first event.
  public var maximumEventTime: Int64?
  /// Files: read to the end.
  public var isDone: Bool

  public init(
    source: Int, nextOffset: Int64 = 0, byteOffset: Int64 = 0, checksum: UInt32 = 0, maximumEventTime: Int64? = nil,
    isDone: Bool = false
  ) {
    self.source = source
    self.nextOffset = nextOffset
    self.byteOffset = byteOffset
    self.checksum = checksum
    self.maximumEventTime = maximumEventTime
    self.isDone = isDone
  }
}
