public import Checkpoints
public import Columns
internal import Windows

/// What there is at one moment between two commits, for readers who want to see what has just come.
///
/// A crash takes back what is not in the commit, and the same rows come again. Windows and sessions have their own ways
/// to be seen early; this is about tables whose rows are messages.
public struct Present: Sendable {
  /// The newest commit, but for its tables of messages, counters and watermark, which are of now.
  public let commit: Commit
  /// By table the rows that are in no file yet.
  public let unwritten: [String: [BatchSlice]]
  /// Tells what has come since the commit from what comes later: never less than that of an earlier moment.
  public var revision: UInt64 = 0

  public init(commit: Commit, unwritten: [String: [BatchSlice]]) {
    self.commit = commit
    self.unwritten = unwritten
  }
}

extension Landing {
  private static let tablesOfMessages = [TableNames.events, TableNames.deadLetters]

  /// What there is now: the rows that have come, in files and on their way there. Called where the landing runs,
  /// between two of its steps. Nothing is written and little is copied: O(segments + row groups that wait).
  public func present() -> Present {
    let stores = Landing.tablesOfMessages.map(table)
    var present = commit
    present.configuration = plan.configuration
    present.watermark = watermark
    copyCounts(to: &present)
    present.tables.removeAll { Landing.tablesOfMessages.contains($0.name) }
    present.tables += stores.map(\.state)
    return Present(
      commit: present, unwritten: Dictionary(uniqueKeysWithValues: stores.map { ($0.name, $0.unwrittenRows()) }))
  }
}
