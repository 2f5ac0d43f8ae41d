public import Checkpoints
public import ColdStore
internal import Columns
public import Commerce
internal import Encodings
public import Landing
public import Windows

/// A data directory as one commit has it, the newest good one for most, for readers: no lock is taken, nothing is
/// changed.
public struct Snapshot: Sendable {
  public let directory: String
  public let commit: Commit
  /// What has come since the commit, where the snapshot has that too; 0 for a commit alone.
  public let revision: UInt64
  /// Newer commits that did not verify, with the reasons.
  public let skipped: [String]
  private let log: CommitLog
  private let fileSystem: any FileSystem
  private let openSegments: OpenSegments
  /// By table what no file has yet: nothing of a commit.
  private let unwritten: [String: [BatchSlice]]

  /// Opens `directory`. Segments are taken from `openSegments` and stay open there; those of earlier commits are
  /// closed.
  ///
  /// Throws if there is no data, or none that verifies.
  public init(
    directory: String, fileSystem: any FileSystem = LocalFileSystem(), openSegments: OpenSegments = OpenSegments()
  ) throws {
    guard fileSystem.exists("\(directory)/commits") else {
      throw DataDirectoryError(
        "\(directory) is no data directory: 'riffle backfill --data \(directory) FILE...' makes one")
    }
    self.directory = directory
    self.fileSystem = fileSystem
    log = CommitLog(directory: directory, fileSystem: fileSystem)
    guard let newest = try log.newest() else {
      throw DataDirectoryError("\(directory) has no commit yet: run 'riffle backfill' to its end")
    }
    commit = newest.commit
    skipped = newest.skipped.map(\.description)
    self.openSegments = openSegments
    unwritten = [:]
    revision = 0
    openSegments.keep(only: commit.tables, in: directory)
  }

  /// Opens `directory` as it was at `moment`, of which a commit must still be kept; the newest one where nil.
  ///
  /// - Throws: `QueryError` where there is no such commit; it says which there are.
  public init(
    directory: String, asOf moment: AsOf?, fileSystem: any FileSystem = LocalFileSystem(),
    openSegments: OpenSegments = OpenSegments()
  ) throws {
    let newest = try Snapshot(directory: directory, fileSystem: fileSystem, openSegments: openSegments)
    guard let moment, let epoch = try moment.epoch(newest.log), epoch != newest.commit.epoch else {
      self = newest
      return
    }
    self.init(directory: directory, commit: try newest.log.read(epoch), fileSystem: fileSystem)
  }

  /// `directory` as `commit` has it, which the writer has just written: nothing is checked before it is read.
  public init(directory: String, commit: Commit, fileSystem: any FileSystem = LocalFileSystem()) {
    self.directory = directory
    self.commit = commit
    self.fileSystem = fileSystem
    log = CommitLog(directory: directory, fileSystem: fileSystem)
    skipped = []
    openSegments = OpenSegments()
    unwritten = [:]
    revision = 0
  }

  /// `directory` as it is at `present`, between two commits. Its tables of messages have all that has come; sessions,
  /// orders and windows are those of the commit before.
  public init(
    directory: String, present: Present, fileSystem: any FileSystem = LocalFileSystem(),
    openSegments: OpenSegments = OpenSegments()
  ) {
    self.directory = directory
    self.fileSystem = fileSystem
    self.openSegments = openSegments
    commit = present.commit
    log = CommitLog(directory: directory, fileSystem: fileSystem)
    skipped = []
    unwritten = present.unwritten
    revision = present.revision
  }

  /// Refuses definitions that are not those of the stored tables.
  public func check(_ job: Job) throws {
    guard commit.configuration == job.landing.configuration else {
      let difference = DataDirectory.difference(commit.configuration, job.landing.configuration)
      throw DataDirectoryError(
        "\(directory) holds tables of other definitions (\(difference)): pass the configuration that it was made with")
    }
  }

  /// The rows of table `name`.
  public func table(_ name: String) throws -> TableReader {
    guard let state = commit.tables.first(where: { $0.name == name }) else {
      let names = commit.tables.map(\.name).filter { $0 != TableNames.waiting }
      throw DataDirectoryError("\(directory) has no table '\(name)'; it has \(names.joined(separator: ", "))")
    }
    return TableReader(
      state: state, unwritten: unwritten[name] ?? [], directory: directory, fileSystem: fileSystem,
      openSegments: openSegments)
  }

  /// The live windows of the commit.
  public func mergerState(_ job: Job) throws -> MergerState? {
    guard let parts = commit.operatorStates[Merger.name], let bytes = try log.readState(parts).last else { return nil }
    return try MergerState(bytes, tables: job.rollupTables)
  }

  /// The stored sessions of the key groups, each in parts.
  public func keyGroupStates() throws -> [[[UInt8]]] {
    try commit.operatorStates.sorted { $0.key < $1.key }.filter { $0.key.hasPrefix(KeyGroup.namePrefix) }.map {
      try log.readState($0.value)
    }
  }
}
