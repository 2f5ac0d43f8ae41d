public import ColdStore
public import Encodings

/// The commits of a data directory, `commits/commit-000000000012`: the newest one that verifies is the truth.
///
/// A commit point is one rename: state files are on the disk before it, the directory is synchronized behind it.
/// Used by one process, which holds the `DirectoryLock`, from one queue; readers only call `newest` and `list`.
public final class CommitLog: Sendable {
  /// How many of the newest commits stay at least.
  public static let keptCommits = 3

  private static let folder = "commits"
  static let stateFolder = "states"
  public let directory: String
  let fileSystem: any FileSystem
  public let history: CommitHistory

  /// The log of the data directory `directory`. Touches nothing: the first `write` makes the folders.
  public init(directory: String, fileSystem: any FileSystem, history: CommitHistory = CommitHistory()) {
    self.directory = directory
    self.fileSystem = fileSystem
    self.history = history
  }

  // MARK: Read

  /// Epochs of the commits that are there, ascending, verified or not.
  public func list() throws -> [UInt64] {
    guard fileSystem.exists(path(CommitLog.folder)) else { return [] }
    return try fileSystem.list(path(CommitLog.folder)).compactMap(CommitLog.epoch(of:)).sorted()
  }

  /// The commit to go on from.
  public struct Newest {
    public let commit: Commit
    /// Why each newer one does not verify.
    public let skipped: [CorruptionError]
    /// No commit that is there is of a greater incarnation. Where it cannot be read, it is taken that from one epoch to
    /// the next the incarnation grew by one.
    public let greatestIncarnation: UInt64
  }

  /// The newest commit that verifies; nil where there are no commits at all.
  ///
  /// If commits are there and none verifies, the newest one's error is thrown: starting anew would lose data.
  public func newest() throws -> Newest? {
    var skipped: [CorruptionError] = []
    var greatest: UInt64 = 0
    let epochs = try list()
    for epoch in epochs.reversed() {
      do {
        let commit = try read(epoch)
        greatest = max(greatest, commit.incarnation + (epochs.last ?? epoch) - epoch)
        return Newest(commit: commit, skipped: skipped, greatestIncarnation: greatest)
      } catch let error as CorruptionError {
        skipped.append(error)
        if let damaged = try? decode(epoch) { greatest = max(greatest, damaged.incarnation) }
      }
    }
    if let error = skipped.first { throw error }
    return nil
  }

  /// The commit of `epoch`. Throws `CorruptionError` unless it and all files that it names verify.
  public func read(_ epoch: UInt64) throws -> Commit {
    do {
      let commit = try decode(epoch)
      guard commit.epoch == epoch else { throw CorruptionError("it is of epoch \(commit.epoch)") }
      try verifyFiles(commit)
      return commit
    } catch let error as CorruptionError { throw error.withPath(path(CommitLog.fileName(epoch))) }
  }

  /// The newest commit that was written at `time` or before, in wall-clock milliseconds, among those that are kept.
  /// O(commits). Nil where there is none.
  public func epoch(asOf time: Int64) throws -> UInt64? {
    try list().last { epoch in
      self.time(of: epoch).map { $0 <= time } ?? false
    }
  }

  /// When the commit of `epoch` was written, in wall-clock milliseconds; nil where that is not known.
  public func time(of epoch: UInt64) -> Int64? {
    (try? decode(epoch)).flatMap { $0.committedMilliseconds > 0 ? $0.committedMilliseconds : nil }
  }

  /// The commit of `epoch` as its file says, whatever has become of the files that it names.
  private func decode(_ epoch: UInt64) throws -> Commit {
    try Commit(try fileSystem.readAll(path(CommitLog.fileName(epoch))))
  }

  /// Checks sizes and checksums, footers included; pages are checked when they are read.
  private func verifyFiles(_ commit: Commit) throws {
    for parts in commit.operatorStates.values {
      for part in parts { _ = try readState(part) }
    }
    for table in commit.tables {
      for segment in table.segments {
        let byteCount = try present(segment.path) { try fileSystem.byteCount($0) }
        guard byteCount == segment.byteCount else {
          throw CorruptionError("\(byteCount) bytes instead of \(segment.byteCount)", path: path(segment.path))
        }
        let file = try SegmentReader.open(path(segment.path), fileSystem: fileSystem)
        guard file.checksum == segment.checksum, file.rowCount == segment.rowCount else {
          throw CorruptionError("this is another segment than the commit names", path: path(segment.path))
        }
      }
      if let tail = table.tail {
        _ = try present(tail.path) { path in
          let file = try TailReader.open(path, validLength: tail.validLength, fileSystem: fileSystem)
          guard file.rowCount == tail.rowCount else {
            throw CorruptionError("\(file.rowCount) rows instead of \(tail.rowCount)", path: path)
          }
        }
      }
    }
  }

  /// `body` of a named file; a missing file is damage, since a commit names it.
  func present<Result>(_ relativePath: String, _ body: (String) throws -> Result) throws -> Result {
    guard fileSystem.exists(path(relativePath)) else {
      throw CorruptionError("the file is missing", path: path(relativePath))
    }
    return try body(path(relativePath))
  }

  // MARK: Write

  /// Makes `commit` the newest, with `states` by operator name added to its operators' states: a whole one in place of
  /// the parts that are named, a change behind them; parts of a log that are not needed any more go. Returns it with
  /// the states named. Older commits stay until `sweep`.
  ///
  /// All states of a commit go into one file, so that one synchronization makes them durable.
  /// Segments and tails that it names were synchronized before. After an error nothing happened: try again or continue
  /// from the newest commit. `schemaVersions` defaults to 1 for each state.
  @discardableResult
  public func write(
    _ commit: Commit, states: [String: StateBytes], schemaVersions: [String: Int] = [:]
  ) throws -> Commit {
    var commit = commit
    try fileSystem.createDirectory(path(CommitLog.folder))
    try fileSystem.createDirectory(path(CommitLog.stateFolder))
    if !states.isEmpty { try write(states, schemaVersions, to: &commit) }
    try fileSystem.writeWhole(path(CommitLog.fileName(commit.epoch)), commit.encoded())
    return commit
  }

  /// Removes commits that are newer than `commit` (they did not verify) or too old, then every file in the data
  /// directory's folders that no remaining commit names: segments, tails, states, leftovers of a crash.
  ///
  /// Call it after recovery and, from time to time, after a commit. `folders` are those of tables, relative to the data
  /// directory, searched with what is below them. Files whose paths begin with `spared` stay: somebody is writing them.
  public func sweep(_ commit: Commit, folders: [String], sparing spared: String? = nil) throws {
    let epochs = try list()
    // A commit that is damaged names nothing that can be trusted; one that cannot be read ends the sweep.
    var others: [UInt64: Commit] = [:]
    for epoch in epochs where epoch != commit.epoch {
      let bytes = try fileSystem.readAll(path(CommitLog.fileName(epoch)))
      others[epoch] = try? Commit(bytes)
    }
    let kept = kept(of: epochs.filter { $0 <= commit.epoch }, others, beside: commit)
    // Also of tables that there are no more.
    var (named, dropped) = (commit.paths, Set<String>())
    for epoch in epochs where epoch != commit.epoch {
      let paths = others[epoch]?.paths ?? []
      if kept.contains(epoch) {
        named.formUnion(paths)
      } else {
        dropped.formUnion(paths)
        try fileSystem.remove(path(CommitLog.fileName(epoch)))
      }
    }
    if fileSystem.exists(path(CommitLog.folder)) {
      // Removals of commits are durable before those of their files: no commit ever names a swept file.
      try fileSystem.synchronizeDirectory(path(CommitLog.folder))
      for name in try fileSystem.list(path(CommitLog.folder)) where name.hasSuffix(FileName.asideSuffix) {
        try fileSystem.remove(path("\(CommitLog.folder)/\(name)"))
      }
    }
    for name in dropped.subtracting(named) where fileSystem.exists(path(name)) { try fileSystem.remove(path(name)) }
    for folder in folders + [CommitLog.stateFolder] { try sweepFolder(folder, keeping: named, sparing: spared) }
  }

  /// The newest few of `epochs`, which ascend; the newest one that has no file of a state in common with `commit`:
  /// changes hang on whole states that several commits name, and damage to one of these must leave another; and those
  /// that are kept as history.
  private func kept(of epochs: [UInt64], _ others: [UInt64: Commit], beside commit: Commit) -> Set<UInt64> {
    let independent = epochs.last { others[$0]?.statePaths.isDisjoint(with: commit.statePaths) ?? false }
    let past = history.kept(
      others.filter { $0.key < commit.epoch }.mapValues(\.committedMilliseconds), at: commit.committedMilliseconds)
    return past.union(epochs.suffix(CommitLog.keptCommits) + (independent.map { [$0] } ?? []))
  }

  private func sweepFolder(_ folder: String, keeping named: Set<String>, sparing spared: String?) throws {
    guard fileSystem.exists(path(folder)) else { return }
    for name in try fileSystem.list(path(folder)) {
      let relativePath = "\(folder)/\(name)"
      if fileSystem.isDirectory(path(relativePath)) {
        try sweepFolder(relativePath, keeping: named, sparing: spared)
      } else if !named.contains(relativePath), !(spared.map(relativePath.hasPrefix) ?? false) {
        try fileSystem.remove(path(relativePath))
      }
    }
  }

  // MARK: Names

  func path(_ relativePath: String) -> String { "\(directory)/\(relativePath)" }

  /// The file of commit `epoch`, relative to the data directory.
  public static func fileName(_ epoch: UInt64) -> String { "\(folder)/commit-\(digits(epoch))" }

  private static func epoch(of name: String) -> UInt64? {
    guard name.hasPrefix("commit-"), let epoch = UInt64(name.dropFirst(7)), name == "commit-\(digits(epoch))" else {
      return nil
    }
    return epoch
  }

  /// Twelve digits, so that names sort as numbers.
  static func digits(_ epoch: UInt64) -> String {
    let digits = String(epoch)
    return String(repeating: "0", count: max(0, 12 - digits.utf8.count)) + digits
  }
}
