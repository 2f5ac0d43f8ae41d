public import Columns
internal import Glibc

/// The only door to the disk: real files in production, faulty ones in a test.
///
/// All calls block. Paths are absolute or relative to the process's directory.
public protocol FileSystem: Sendable {
  /// A new, empty file; an existing one is emptied.
  func createFile(_ path: String) throws(FileError) -> any WritableFile
  /// A file to write at the end of; made if it does not exist.
  func appendToFile(_ path: String) throws(FileError) -> any WritableFile
  func openFile(_ path: String) throws(FileError) -> any ReadableFile
  /// Replaces `target` at once; durable after the directory is synchronized.
  func rename(_ path: String, to target: String) throws(FileError)
  /// Makes renames, creations and removals in `directory` durable.
  func synchronizeDirectory(_ directory: String) throws(FileError)
  /// Makes `directory` and those above it; no error where they exist.
  func createDirectory(_ directory: String) throws(FileError)
  /// Names in `directory`, sorted, without `.` and `..`.
  func list(_ directory: String) throws(FileError) -> [String]
  func remove(_ path: String) throws(FileError)
  /// Removes the empty directory at `path`.
  func removeDirectory(_ path: String) throws(FileError)
  /// Gives the file at `path` the further name `target` (hard link).
  func link(_ path: String, to target: String) throws(FileError)
  /// Cuts the file at `byteCount`.
  func truncate(_ path: String, to byteCount: Int) throws(FileError)
  func exists(_ path: String) -> Bool
  func isDirectory(_ path: String) -> Bool
  func byteCount(_ path: String) throws(FileError) -> Int
  /// The room on the disk that holds `path`; nil where it is not known.
  func space(_ path: String) -> DiskSpace?
}

/// Bytes of a disk: all of them, and those that this process may still use.
public struct DiskSpace: Sendable, Equatable {
  public let total: Int64
  public let available: Int64

  public init(total: Int64, available: Int64) {
    self.total = total
    self.available = available
  }
}

/// A file that bytes are added to; closed when the last reference goes.
public protocol WritableFile: AnyObject, Sendable {
  /// Adds all of `bytes` at the end, or throws; after an error, how many arrived is unknown.
  func append(_ bytes: Span<UInt8>) throws(FileError)
  /// Returns when all that was written is on the disk (fsync).
  func synchronize() throws(FileError)
}

/// A file read at any position, by any thread; closed when the last reference goes.
public protocol ReadableFile: AnyObject, Sendable {
  func byteCount() throws(FileError) -> Int
  /// `count` bytes at `offset`; fewer only at the end of the file.
  func read(at offset: Int, count: Int) throws(FileError) -> [UInt8]
  /// The same where padding is readable behind them, as columns need it that point into a page.
  func readPadded(at offset: Int, count: Int) throws(FileError) -> ByteArena
}

extension ReadableFile {
  public func readPadded(at offset: Int, count: Int) throws(FileError) -> ByteArena {
    ByteArena(try read(at: offset, count: count))
  }
}

/// What the operating system refused, to which path.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
  public let operation: String
  public let path: String
  /// The system's `errno`.
  public let code: Int32
  /// The system's words for it.
  public let message: String

  public init(operation: String, path: String, code: Int32, message: String) {
    self.operation = operation
    self.path = path
    self.code = code
    self.message = message
  }

  public var description: String { "cannot \(operation) \(path): \(message)" }
}

extension FileSystem {
  /// One without hard links: whoever wants to share a file copies it.
  public func link(_ path: String, to target: String) throws(FileError) {
    throw FileError(operation: "link", path: path, code: ENOTSUP, message: "there are no hard links here")
  }

  /// One that does not know.
  public func space(_ path: String) -> DiskSpace? { nil }

  /// One whose directories go by themselves when they are empty.
  public func removeDirectory(_ path: String) throws(FileError) {}

  /// All bytes of a file.
  public func readAll(_ path: String) throws(FileError) -> [UInt8] {
    let file = try openFile(path)
    return try file.read(at: 0, count: try file.byteCount())
  }

  /// Writes a whole file so that it is there completely or not at all: aside, fsync, rename, fsync of the directory.
  public func writeWhole(_ path: String, _ bytes: [UInt8]) throws(FileError) {
    let aside = path + FileName.asideSuffix
    let file = try createFile(aside)
    try file.append(bytes.span)
    try file.synchronize()
    try rename(aside, to: path)
    try synchronizeDirectory(FileName.directory(of: path))
  }
}

/// Parts of paths.
public enum FileName {
  /// What files end in while they are written; whoever finds one after a crash may remove it.
  public static let asideSuffix = ".tmp"

  /// What is before the last `/`; `.` if there is none.
  public static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// What is behind the last `/`.
  public static func last(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  }
}
