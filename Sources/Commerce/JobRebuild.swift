public import Checkpoints
public import ColdStore
internal import Columns
internal import Encodings
public import Landing
internal import Windows

/// Makes the rollups, sessions and orders of a data directory anew, as `job` defines them.
public enum JobRebuild {
  /// Refuses to compute anew what events were needed for that are no longer kept: a rebuild would lose it.
  private static func checkKept(_ job: Job, _ commit: Commit, _ path: String) throws {
    guard let end = commit.droppedEnd(of: TableNames.events) else { return }
    let tables = [TableNames.sessions, TableNames.orders] + job.rollupTables.map(\.rollup.name)
    guard let table = tables.first(where: { commit.droppedEnd(of: $0) ?? .min < end }) else { return }
    throw DataDirectoryError(
      "\(path) no longer has the events before \(EventTime.text(end)) (retention.events), and '\(table)' has rows of "
        + "that time: they would be lost. Rebuild into another directory with --output")
  }

  /// In place: in one commit of `directory`, which was opened for any definitions. Nothing is changed where it throws.
  ///
  /// - Parameters:
  ///   - rowsPerPass: how many events of a day are held in memory; more are read in several passes.
  ///   - isInPlace: whether there is no other directory with the sessions, orders and windows that are made anew.
  /// - Returns: the new commit; nil where there is none yet.
  @discardableResult
  public static func run(
    _ job: Job, _ directory: DataDirectory, rowsPerPass: Int = Rebuild.rowsPerPass, isInPlace: Bool = true
  ) throws -> Commit? {
    guard let commit = directory.commit else { return nil }
    if isInPlace { try checkKept(job, commit, directory.path) }
    guard let stored = commit.tables.first(where: { $0.name == TableNames.events }) else {
      throw DataDirectoryError("\(directory.path) has no table of events to rebuild from")
    }
    let store = StorePlan(
      directory: directory.path, fileSystem: directory.fileSystem, rowGroupRows: job.settings.rowGroupRows,
      segmentBytes: job.settings.segmentBytes)
    let made = [TableNames.sessions, TableNames.orders] + job.rollupTables.map(\.rollup.name)
    var tables: [String: TableStore] = [:]
    for (name, schema, timeColumn) in job.tables where made.contains(name) {
      tables[name] = try TableStore(
        name: name, schema: schema, timeColumn: timeColumn, plan: store, continuing: nil,
        sequence: (commit.epoch + 1) * 1000)
    }
    let rebuild = try Rebuild(
      job.landing, tables: tables, log: directory.log, commit: commit,
      events: TableReader(state: stored, directory: directory.path, fileSystem: directory.fileSystem))
    return try rebuild.run(
      columns: EventSchema.names.all + job.settings.rollups.flatMap(\.groupBy),
      keepsIdentities: job.hasSessionKeys(of: commit.configuration), rowsPerPass: rowsPerPass)
  }

  /// Into the new directory `target`, which shares the stored events with the directory at `path`; an engine may be
  /// running there.
  ///
  /// - Returns: the new commit.
  public static func run(
    _ job: Job, from path: String, to target: String, fileSystem: any FileSystem
  ) throws -> Commit? {
    try DirectoryCopy.run(path, to: target, suffix: "rebuild", fileSystem: fileSystem) { aside, _ in
      let directory = try DataDirectory(
        path: aside, configuration: nil, command: "riffle rebuild", fileSystem: fileSystem)
      return try run(job, directory, isInPlace: false)
    }
  }
}
