public import Checkpoints
public import ColdStore
internal import Encodings

/// A data directory that cannot be worked on, and what to do.
public struct DataDirectoryError: Error, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}

/// A data directory opened for writing: locked, recovered to its newest good commit, swept.
public final class DataDirectory {
  public let path: String
  public let log: CommitLog
  public let fileSystem: any FileSystem
  /// The commit to continue from, nil for a new directory.
  public let commit: Commit?
  /// Newer commits that did not verify.
  public let skipped: [String]
  private let lock: DirectoryLock
  /// The incarnation of a run that continues here: greater than that of any commit so far. Each commit that was skipped
  /// may have been of a later run than the one before it.
  public var nextIncarnation: UInt64 { (commit?.incarnation ?? 0) + UInt64(skipped.count) + 1 }

  /// - Parameter configuration: the definitions of the job, which must be those of the commit.
  public init(path: String, configuration: String, fileSystem: any FileSystem) throws {
    self.path = path
    self.fileSystem = fileSystem
    try fileSystem.createDirectory(path)
    lock = try DirectoryLock(directory: path, command: "riffle")
    log = CommitLog(directory: path, fileSystem: fileSystem)
    let newest = try log.newest()
    commit = newest?.commit
    skipped = newest?.skipped.map(\.description) ?? []
    guard let commit else { return }
    guard commit.configuration == configuration else {
      throw DataDirectoryError(
        "\(path) holds tables of other definitions (\(DataDirectory.difference(commit.configuration, configuration))): "
          + "use a new directory, or recompute with 'riffle rebuild'")
    }
    try log.sweep(commit, folders: commit.tables.map(\.name))
  }

  /// Removes what a run has written since `commit` and failed to commit; the next one continues from there.
  ///
  /// - Parameters:
  ///   - commit: the newest that was reported, nil before the first: one that came later never happened.
  ///   - tables: the names of all tables.
  public func discard(since commit: Commit?, tables: [String]) throws {
    try log.sweep(commit ?? Commit(epoch: 0), folders: tables)
  }

  /// Whether `byteCount` more bytes can be written.
  public func hasRoom(for byteCount: Int) -> Bool { fileSystem.hasRoom(for: byteCount, in: path) }

  /// The first definition that differs, for the message.
  public static func difference(_ stored: String, _ wanted: String) -> String {
    let pairs = zip(stored.split(separator: "\n"), wanted.split(separator: "\n"))
    let first = pairs.first { $0 != $1 }
    return first.map { "there: \($0); here: \($1)" } ?? "a rollup was added or removed"
  }
}
