/// What a vertex leaves on a barrier's way: an operator its state, a source its position.
public enum VertexState: Sendable {
  case state(StateSnapshot)
  case position(SourcePosition)
}

/// An operator's state as it was at a barrier, or what has changed in it since the barrier before.
///
/// A barrier only freezes: the bytes are made when somebody asks for them, on another queue, while the operator goes
/// on. As in the changelog state backend of Flink, small changes are appended to what is stored, and the whole state is
/// written again once they outgrow it.
public struct StateSnapshot: Sendable {
  /// Whether the bytes stand for the whole state; else they go behind those of the vertex's earlier snapshots.
  public let isWhole: Bool
  /// Where the state is a log by time: which of its entries count.
  public let logSpan: LogSpan?
  private let encode: @Sendable () -> [[UInt8]]

  /// - Parameter encode: makes the bytes of what was frozen, in pieces that are stored one behind the other: what is
  ///   there already need not be copied together; called once.
  public init(isWhole: Bool = true, logSpan: LogSpan? = nil, encode: @escaping @Sendable () -> [[UInt8]]) {
    self.isWhole = isWhole
    self.logSpan = logSpan
    self.encode = encode
  }

  /// A whole state that is encoded already.
  public init(_ bytes: [UInt8]) { self.init { [bytes] } }

  public func pieces() -> [[UInt8]] { encode() }
  /// The same in one piece.
  public func bytes() -> [UInt8] { Array(pieces().joined()) }
}

/// Times in a state that only grows by entries and loses the oldest: what is stored of it is never written again, and
/// goes when all that is in it is too old.
public struct LogSpan: Sendable, Equatable {
  /// No entry of the snapshot is newer.
  public var newest: Int64
  /// Entries before are not needed any more, in whichever snapshot they are.
  public var neededFrom: Int64

  public init(newest: Int64, neededFrom: Int64) {
    self.newest = newest
    self.neededFrom = neededFrom
  }
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
