internal import Checkpoints
public import ColdStore
internal import Encodings

/// A copy of a data directory's newest good commit that is complete or not there at all.
public enum DirectoryCopy {
  /// What was copied.
  public struct Source: Sendable {
    public let epoch: UInt64
    /// The files, relative to the directory.
    public let paths: [String]
    /// Files that both directories share.
    public let sharedCount: Int
    /// Why newer commits were passed over.
    public let skipped: [String]
  }

  /// Sweeps that may be faster than us before we give up.
  private static let attempts = 10

  /// Copies the newest good commit of `directory`, in which an engine may be working, lets `complete` work on the copy
  /// while nobody else knows it, and makes it `target`.
  ///
  /// Throws `OccupiedDirectoryError` where `target` holds anything; nothing is left behind then.
  public static func run<Result>(
    _ directory: String, to target: String, suffix: String, fileSystem: any FileSystem,
    complete: (_ aside: String, Source) throws -> Result
  ) throws -> Result {
    guard try fileSystem.isVacant(target) else { throw OccupiedDirectoryError(path: target) }
    let aside = "\(target).\(suffix)\(FileName.asideSuffix)"
    do {
      let source = try copy(directory, to: aside, fileSystem)
      let result = try complete(aside, source)
      try fileSystem.synchronizeTree(aside)
      try fileSystem.rename(aside, to: target)
      try fileSystem.synchronizeDirectory(FileName.directory(of: target))
      return result
    } catch {
      try? fileSystem.removeTree(aside)
      throw error
    }
  }

  /// Starts over where a sweep of the engine was faster.
  private static func copy(_ directory: String, to aside: String, _ fileSystem: any FileSystem) throws -> Source {
    let log = CommitLog(directory: directory, fileSystem: fileSystem)
    for attempt in 1... {
      try fileSystem.removeTree(aside)
      guard let newest = try log.newest() else {
        throw DataDirectoryError("\(directory) has no commit yet: there is nothing to copy")
      }
      let files = CommitFiles(commit: newest.commit, directory: directory, fileSystem: fileSystem)
      do {
        return Source(
          epoch: newest.commit.epoch, paths: files.paths, sharedCount: try files.put(into: aside),
          skipped: newest.skipped.map(\.description))
      } catch {
        guard attempt < attempts, try log.list().last != newest.commit.epoch else { throw error }
      }
    }
    preconditionFailure("the last attempt returns or throws")
  }
}

/// A directory that was to be written anew and holds something.
public struct OccupiedDirectoryError: Error, Sendable, CustomStringConvertible {
  public let path: String

  public var description: String { "\(path) is there and not an empty directory: name a new one" }
}
