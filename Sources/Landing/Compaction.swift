internal import Checkpoints
internal import ColdStore
internal import Columns

/// Compacts a data directory that no engine runs on: all that can be made smaller, a commit for each table and day.
///
/// A crash leaves the directory as one of these commits has it. A second run finds nothing to do and writes nothing.
public enum Compaction {
  /// How large a table is.
  public struct Size: Sendable, Equatable {
    public let fileCount: Int
    public let rowCount: Int
    public let byteCount: Int

    init(_ state: TableState?) {
      let tail = state?.tail
      fileCount = (state?.segments.count ?? 0) + (tail == nil ? 0 : 1)
      byteCount = state?.segments.reduce(tail?.validLength ?? 0) { $0 + $1.byteCount } ?? 0
      let stored = state?.segments.reduce(tail?.rowCount ?? 0) { $0 + $1.rowCount } ?? 0
      rowCount = stored - (state?.deletions.values.reduce(0) { $0 + $1.count } ?? 0)
    }
  }

  /// One table before and after.
  public struct Outcome: Sendable {
    public let table: String
    public let before: Size
    public let after: Size
  }

  /// - Parameters:
  ///   - store: how tails are cut into segments.
  ///   - retentionMilliseconds: by table, how long rows are kept behind the commit's watermark.
  /// - Returns: each of `tables` that the directory has, in that order; empty where there is no commit yet.
  public static func run(
    _ directory: DataDirectory, tables: [CompactedTable], rules: CompactionRules, store: StorePlan,
    retentionMilliseconds: [String: Int64] = [:]
  ) throws -> [Outcome] {
    guard var commit = directory.commit else { return [] }
    let before = commit
    try drop(retentionMilliseconds, from: &commit, tables, directory, store)
    for table in tables { try compact(table, of: &commit, directory, rules, store) }
    return tables.filter { before.table($0.name) != nil }.map { table in
      Outcome(
        table: table.name, before: Size(before.table(table.name)), after: Size(commit.table(table.name)))
    }
  }

  private static func compact(
    _ table: CompactedTable, of commit: inout Commit, _ directory: DataDirectory, _ rules: CompactionRules,
    _ plan: StorePlan
  ) throws {
    guard let state = commit.table(table.name) else { return }
    let store = try TableStore(
      name: table.name, schema: state.schema, timeColumn: table.timeColumn, plan: plan, continuing: state,
      sequence: (commit.epoch + 1) * 1000)
    if state.tail != nil { try store.cut() }
    let choice = MergeChoice(
      rules, sequenceEnd: commit.sentRows(of: table.name), isThorough: true,
      misordered: try misordered(state.segments, table, plan))
    while true {
      let inputs = choice.next(store.state, hasTime: table.timeColumn != nil)
      guard !inputs.isEmpty else { break }
      var merge = Merge(
        inputs, of: store.state, table, rules: rules, prefix: table.prefix(inputs[0].dayMilliseconds, commit.epoch),
        directory: plan.directory, fileSystem: plan.fileSystem)
      while try merge.step() {}
      precondition(store.replace(merge.result), "nobody else changes a directory that is locked")
      try write(store.state, to: &commit, directory)
    }
    if store.state != commit.table(table.name) { try write(store.state, to: &commit, directory) }
  }

  /// The paths of segments that were merged when the table had another order.
  private static func misordered(
    _ segments: [SegmentReference], _ table: CompactedTable, _ plan: StorePlan
  ) throws -> Set<String> {
    let paths = segments.filter { $0.level > 0 }.map(\.path)
    return Set(
      try paths.filter { path in
        let file = try SegmentReader.open(plan.path(path), fileSystem: plan.fileSystem)
        return file.origin?.order != table.arrangement.order
      })
  }

  private static func drop(
    _ retentionMilliseconds: [String: Int64], from commit: inout Commit, _ tables: [CompactedTable],
    _ directory: DataDirectory, _ plan: StorePlan
  ) throws {
    guard commit.watermark > EventTime.distantPast / 2, commit.watermark < EventTime.distantFuture else { return }
    for table in tables {
      guard let milliseconds = retentionMilliseconds[table.name], let state = commit.table(table.name) else { continue }
      let store = try TableStore(
        name: table.name, schema: state.schema, timeColumn: table.timeColumn, plan: plan, continuing: state,
        sequence: (commit.epoch + 1) * 1000)
      guard let dropped = store.drop(endedBy: commit.watermark - milliseconds) else { continue }
      commit.noteDropped(dropped.rowCount, endedBy: dropped.end, from: table.name)
      try write(store.state, to: &commit, directory)
    }
  }

  private static func write(_ state: TableState, to commit: inout Commit, _ directory: DataDirectory) throws {
    commit.epoch += 1
    commit.tables = commit.tables.map { $0.name == state.name ? state : $0 }
    commit = try directory.log.write(commit, states: [:])
    try directory.log.sweep(commit, folders: commit.tables.map(\.name))
  }
}

extension Commit {
  fileprivate func table(_ name: String) -> TableState? { tables.first { $0.name == name } }
}
