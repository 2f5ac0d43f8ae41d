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
  private static let probeBytes = 1 << 20
  private let lock: DirectoryLock
  /// The incarnation of a run that continues here: greater than that of any commit so far.
  public let nextIncarnation: UInt64

  /// - Parameters:
  ///   - configuration: the definitions of the job, which must be those of the commit; nil for any.
  ///   - command: what others are told who want the directory, too.
  ///   - history: which commits stay for readers.
  public init(
    path: String, configuration: String?, command: String = "riffle", fileSystem: any FileSystem,
    history: CommitHistory = CommitHistory()
  ) throws {
    self.path = path
    self.fileSystem = fileSystem
    try fileSystem.createDirectory(path)
    lock = try DirectoryLock(directory: path, command: command)
    try DataDirectory.synchronizeFolders(path, fileSystem)
    log = CommitLog(directory: path, fileSystem: fileSystem, history: history)
    let newest = try log.newest()
    commit = newest?.commit
    skipped = newest?.skipped.map(\.description) ?? []
    nextIncarnation = (newest?.greatestIncarnation ?? 0) + 1
    guard let commit else { return }
    if let configuration, commit.configuration != configuration {
      throw DataDirectoryError(
        "\(path) holds tables of other definitions (\(DataDirectory.difference(commit.configuration, configuration))): "
          + "use a new directory, or recompute with 'riffle rebuild'")
    }
    try log.sweep(commit, folders: commit.tables.map(\.name))
  }

  /// The newest good commit as the disk has it now, and nothing beside it: after a write failed.
  ///
  /// - Parameters:
  ///   - epoch: that of the newest commit that was seen to succeed.
  ///   - folders: those of all tables.
  public func recovered(atLeast epoch: UInt64, folders: [String]) throws -> Commit? {
    let newest = try log.newest()?.commit
    guard newest?.epoch ?? 0 >= epoch else {
      throw DataDirectoryError("\(path) has lost commit \(epoch): something else has changed or removed the directory")
    }
    try log.sweep(newest ?? Commit(epoch: 0), folders: folders)
    try probe()
    return newest
  }

  /// Throws unless a file can be written, made durable and renamed here.
  private func probe() throws(FileError) {
    let file = "\(path)/PROBE"
    do throws(FileError) {
      try fileSystem.writeWhole(file, [UInt8](repeating: 0x55, count: DataDirectory.probeBytes))
      try fileSystem.remove(file)
    } catch {
      // What did arrive takes room that is needed.
      try? fileSystem.remove(file + FileName.asideSuffix)
      throw error
    }
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
