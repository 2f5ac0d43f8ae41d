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
  /// The commit to continue from, nil for a new directory.
  public let commit: Commit?
  /// Newer commits that did not verify.
  public let skipped: [String]
  private let lock: DirectoryLock

  /// - Parameter configuration: the definitions of the job, which must be those of the commit.
  public init(path: String, configuration: String, fileSystem: any FileSystem) throws {
    self.path = path
    try fileSystem.createDirectory(path)
    lock = try DirectoryLock(directory: path, command: "riffle")
    try DataDirectory.synchronizeFolders(path, fileSystem)
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

  /// A run that was killed may have made folders whose names are not on the disk yet; whoever finds them there would
  /// put files into them that a power cut takes along.
  private static func synchronizeFolders(_ path: String, _ fileSystem: any FileSystem) throws {
    try fileSystem.synchronizeDirectory(FileName.directory(of: path))
    try fileSystem.synchronizeDirectory(path)
    for name in try fileSystem.list(path) where fileSystem.isDirectory("\(path)/\(name)") {
      try fileSystem.synchronizeDirectory("\(path)/\(name)")
    }
  }

  /// The first definition that differs, for the message.
  public static func difference(_ stored: String, _ wanted: String) -> String {
    let pairs = zip(stored.split(separator: "\n"), wanted.split(separator: "\n"))
    let first = pairs.first { $0 != $1 }
    return first.map { "there: \($0); here: \($1)" } ?? "a rollup was added or removed"
  }
}
