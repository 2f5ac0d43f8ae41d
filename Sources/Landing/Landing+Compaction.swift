public import Checkpoints
public import ColdStore
internal import Columns
internal import Dataflow

/// What a merge came to, for logs.
public struct CompactionNote: Sendable {
  public let table: String
  public let dayMilliseconds: Int64
  /// The segments that were merged, and what came of them; none where it failed.
  public let replaced: [SegmentReference]
  public let added: [SegmentReference]
  /// Why nothing came of it.
  public let problem: String?
}

// Compaction in a live run: one merge at a time, beside the landing, never while a repair names rows of the segments.
extension Landing {
  /// The merge that goes on beside the landing, and when the next one begins.
  struct CompactionSchedule {
    var running: MergeTask?
    /// Checkpoints since the last one began.
    var checkpoints = 0
    /// The position among the compacted tables of the one that is looked at first.
    var next = 0
    /// Checkpoints of this run.
    var checkpointCount = 0
    /// By table and day, what could not be merged.
    var failures: [String: MergeFailure] = [:]
  }

  /// A merge that came to nothing, for want of disk space perhaps: it is tried again, less and less often.
  struct MergeFailure {
    /// Checkpoints between the first failure and the next attempt; each further failure doubles them, up to
    /// `doublingsMax` times.
    static let checkpoints = 12
    private static let doublingsMax = 8

    private var count = 0
    /// The checkpoint of this run from which on it is tried again.
    private(set) var retriedFrom = 0

    mutating func failed(at checkpoint: Int) {
      retriedFrom = checkpoint + MergeFailure.checkpoints << min(count, MergeFailure.doublingsMax)
      count += 1
    }
  }

  /// For so many checkpoints a merge takes its time. Then it is hurried: repairs and what is to be dropped wait until
  /// it has ended.
  static let patienceCheckpoints = 60

  /// Days that are over for so long are closed: what comes for them is rare.
  private static let closingMilliseconds = EventTime.day

  /// Takes over what a merge has made since the last checkpoint; the commit of the checkpoint says so.
  func takeCompacted() {
    compactions.checkpoints += 1
    compactions.checkpointCount += 1
    guard let task = compactions.running else { return }
    guard let result = task.result else {
      if compactions.checkpoints >= Landing.patienceCheckpoints { task.hurry() }
      return
    }
    compactions.running = nil
    do {
      let merged = try result.get()
      // Somebody else may have changed the table meanwhile: then the files are swept, and it is tried again.
      guard table(task.table).replace(merged) else { return }
      compactions.failures[Landing.key(task.table, task.dayMilliseconds)] = nil
      compactionNotes.append(
        CompactionNote(
          table: task.table, dayMilliseconds: task.dayMilliseconds, replaced: merged.replaced, added: merged.added,
          problem: nil))
    } catch {
      // Without it all goes on: damage is found by whoever needs the rows, a full disk by the next commit.
      let key = Landing.key(task.table, task.dayMilliseconds)
      compactions.failures[key, default: MergeFailure()].failed(at: compactions.checkpointCount)
      compactionNotes.append(
        CompactionNote(
          table: task.table, dayMilliseconds: task.dayMilliseconds, replaced: [], added: [], problem: "\(error)"))
    }
  }

  /// Cuts the first tail that has got too many row groups, so that these can be merged.
  func cutLongTail() throws {
    guard let rules = plan.compaction, repairs.running == nil else { return }
    try plan.compactedTables.map { table($0.name) }.first { $0.tailGroupCount >= rules.tailGroups }?.cut()
  }

  /// Begins the next merge of what `commit`, which was just written, names.
  func beginCompaction(_ commit: Commit) {
    guard let rules = plan.compaction, let interval = plan.checkpointsPerMerge, compactions.running == nil,
      repairs.running == nil, compactions.checkpoints >= interval
    else { return }
    let tables = plan.compactedTables
    for position in tables.indices {
      let table = tables[(compactions.next + position) % tables.count]
      let choice = commit.mergeChoice(table, rules)
      guard let state = commit.tables.first(where: { $0.name == table.name }) else { continue }
      let (failures, now) = (compactions.failures, compactions.checkpointCount)
      let inputs = choice.next(state, hasTime: table.timeColumn != nil) { day in
        failures[Landing.key(table.name, day)].map { $0.retriedFrom <= now } ?? true
      }
      guard !inputs.isEmpty else { continue }
      compactions.next = (compactions.next + position + 1) % tables.count
      compactions.checkpoints = 0
      return begin(
        MergeTask(
          Merge(
            inputs, of: state, table, rules: rules, prefix: table.prefix(inputs[0].dayMilliseconds, commit.epoch),
            directory: store.directory, fileSystem: store.fileSystem),
          prefix: table.prefix(inputs[0].dayMilliseconds, commit.epoch), restPerStep: rules.restPerStep))
    }
  }

  private func begin(_ task: MergeTask) {
    compactions.running = task
    let runAside = runAside
    @Sendable func advance() {
      if task.step() { runAside(task.urgency, advance) }
    }
    runAside(task.urgency, advance)
  }

  /// Gives up what is being merged.
  func endCompaction() {
    compactions.running?.cancel()
    compactions.running = nil
  }

  fileprivate static func closedBefore(_ watermark: Int64) -> Int64? {
    let isKnown = watermark > EventTime.distantPast / 2 && watermark < EventTime.distantFuture
    return isKnown ? watermark - closingMilliseconds : nil
  }

  private static func key(_ table: String, _ dayMilliseconds: Int64) -> String { "\(table)/\(dayMilliseconds)" }
}

extension CompactedTable {
  /// How the files begin that a merge of a day makes after commit `epoch`. Of each commit there is one merge at most,
  /// so no file of that name was there before.
  func prefix(_ dayMilliseconds: Int64, _ epoch: UInt64) -> String {
    "\(name)/\(EventTime.dateText(dayMilliseconds))/merged-\(epoch)-"
  }
}

extension Commit {
  /// The number of days, of all `tables`, that have segments to be merged. O(segments).
  public func waitingMergeCount(_ tables: [CompactedTable], _ rules: CompactionRules) -> Int {
    tables.reduce(0) { count, table in
      guard let state = self.tables.first(where: { $0.name == table.name }) else { return count }
      return count + mergeChoice(table, rules).dayCount(state, hasTime: table.timeColumn != nil)
    }
  }

  fileprivate func mergeChoice(_ table: CompactedTable, _ rules: CompactionRules) -> MergeChoice {
    MergeChoice(rules, sequenceEnd: sentRows(of: table.name), closedBefore: Landing.closedBefore(watermark))
  }

  /// The first row of `table`, by sequence number, that not every topic has got that gets its rows.
  func sentRows(of table: String) -> Int64 {
    outbox.compactMap { $0.rows.isEmpty ? 0 : $0.rows[table] }.min() ?? .max
  }
}
