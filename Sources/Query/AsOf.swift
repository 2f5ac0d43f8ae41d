internal import Checkpoints
internal import Columns

/// A moment of the past that a reader asks for: a commit, or the newest commit of a time.
public enum AsOf: Sendable, Equatable {
  case epoch(UInt64)
  /// Wall-clock time, milliseconds since 1970.
  case time(Int64)

  /// A commit's number, or a time as RFC 3339 has it; nil where it is neither.
  public init?(_ text: String) {
    if let epoch = UInt64(text) {
      self = .epoch(epoch)
    } else if let time = EventTime.parse(dateOrTime: text) {
      self = .time(time)
    } else {
      return nil
    }
  }

  /// What to say of a text that is neither.
  public static func expectation(_ text: String) -> String {
    "must be a commit's number or a time such as 2026-01-31T08:00:00Z, not '\(text)'"
  }

  /// The commit of `log`, among those that are kept; nil stands for the newest where there is none at all.
  func epoch(_ log: CommitLog) throws -> UInt64? {
    let epochs = try log.list()
    switch self {
    case .epoch(let epoch):
      guard epochs.contains(epoch) else {
        throw QueryError(
          "as_of",
          "commit \(epoch) is not kept; \(log.directory) has \(epochs.map(String.init).joined(separator: ", "))")
      }
      return epoch
    case .time(let time):
      if let epoch = try log.epoch(asOf: time) { return epoch }
      let oldest = epochs.lazy.compactMap { log.time(of: $0) }.first.map(EventTime.text) ?? "unknown"
      throw QueryError(
        "as_of",
        "there is no commit of \(EventTime.text(time)) any more: the oldest that is kept is of \(oldest); "
          + "time_travel.retention says how long they are kept")
    }
  }
}
