/// Where one raw message lies in an arena, and where it came from.
public struct MessageRange: Sendable, Equatable, BitwiseCopyable {
  /// First byte in the arena.
  public var offset: UInt32
  /// Bytes, without a line end.
  public var length: Int32
  /// The position in the partition's log.
  public var logOffset: Int64

  public init(offset: UInt32, length: Int32, logOffset: Int64) {
    self.offset = offset
    self.length = length
    self.logOffset = logOffset
  }
}
