/// How and when tables are compacted.
public struct CompactionRules: Sendable, Equatable {
  /// How long a live run lets pass between the beginnings of two merges at least; nil where it merges nothing.
  public var intervalMilliseconds: Int64? = 60_000
  /// In a live run a merge rests behind each of its steps for so many times the processor time that it took: by default
  /// merges take a fifth of one processor. One that goes on for sixty checkpoints rests no more.
  public var restPerStep = 4
  /// Segments of about one size and day that are merged into one.
  public var fanIn = 4
  /// Segments up to this size are of one size; of each next size are those that are up to `fanIn` times as large.
  public var smallestBytes = 1 << 20
  /// A merged segment is complete from about this size on, and left alone from half of it.
  public var segmentBytes = 64 << 20
  /// Rows of a merged segment's row groups, at most.
  public var rowGroupRows = 32_768
  /// What a merge takes of memory, about: half of it for the rows that are sorted at a time.
  public var memoryBytes = 256 << 20
  /// A tail of so many row groups is cut into segments.
  public var tailGroups = 720
  /// A bug that a simulation plants, to see that it is found: deleted rows come back.
  package var keepsDeletedRows = false

  public init() {}
}
