internal import Checkpoints
internal import Query

/// Makes messages of what a commit holds.
protocol MessageSource {
  /// The tables whose rows it tells of.
  var tables: [String] { get }

  /// Hands to `deliver` what `snapshot` holds and `cursor` has not, chunk by chunk; each is acknowledged when `deliver`
  /// returns. Where it throws, the source begins again with the next commit: what it remembers must not run ahead.
  mutating func look(
    _ snapshot: Snapshot, from cursor: OutboxCursor, _ deliver: (OutboxChunk) throws -> Void
  ) throws
}
