public import Columns

/// What the operators hand to the landing.
public enum SinkMessage: Sendable {
  /// Events that count: rows for the table of events.
  case accepted(EventSlice)
  /// Events too late to be judged from memory: they wait for the repair step.
  case waiting(EventSlice)
  /// Finished rows of the table at a position of the job: sessions, partials of rollups, dead letters.
  case rows(table: String, Batch)
  case counts(source: Int, SourceCounts)

  /// Rows of tables that it holds.
  public var rowCount: Int {
    switch self {
    case .accepted(let slice), .waiting(let slice): slice.rows.count
    case .rows(_, let batch): batch.rowCount
    case .counts: 0
    }
  }

  /// Bytes that it keeps in memory, roughly: all of a batch, however few of its rows are meant. O(columns).
  public var heldBytes: Int {
    switch self {
    case .accepted(let slice), .waiting(let slice): slice.events.batch.byteCount
    case .rows(_, let batch): batch.byteCount
    case .counts: 0
    }
  }
}

/// What became of the messages of one partition; sums of these hold at every commit:
/// received = accepted + duplicates + waiting + dead letters.
public struct SourceCounts: Sendable, Equatable {
  public var received: Int64 = 0
  public var accepted: Int64 = 0
  public var duplicates: Int64 = 0
  public var waiting: Int64 = 0
  public var deadLetters: Int64 = 0
  /// Duplicates whose content differs from the copy that stays.
  public var identifierConflicts: Int64 = 0
  /// Decimals with digits beyond the fourth.
  public var decimalsRounded: Int64 = 0
  /// Dead letters by reason.
  public var reasons: [String: Int64] = [:]
  /// Accepted events by type code.
  public var types: [UInt8: Int64] = [:]

  public init() {}

  public static func += (left: inout SourceCounts, right: SourceCounts) {
    left.received += right.received
    left.accepted += right.accepted
    left.duplicates += right.duplicates
    left.waiting += right.waiting
    left.deadLetters += right.deadLetters
    left.identifierConflicts += right.identifierConflicts
    left.decimalsRounded += right.decimalsRounded
    left.reasons.merge(right.reasons, uniquingKeysWith: +)
    left.types.merge(right.types, uniquingKeysWith: +)
  }
}
