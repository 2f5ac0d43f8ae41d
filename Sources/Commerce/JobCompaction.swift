public import Landing

/// Compacts a data directory as `job` defines its tables.
public enum JobCompaction {
  /// All of `directory`, on which no engine runs and which was opened with the definitions of `job`. A commit for each
  /// table and day; what is too old is dropped first.
  public static func run(_ job: Job, _ directory: DataDirectory) throws -> [Compaction.Outcome] {
    let store = StorePlan(
      directory: directory.path, fileSystem: directory.fileSystem, rowGroupRows: job.settings.rowGroupRows,
      segmentBytes: job.settings.segmentBytes)
    return try Compaction.run(
      directory, tables: job.compactedTables, rules: job.compactionRules, store: store,
      retentionMilliseconds: job.retentionMilliseconds)
  }
}
