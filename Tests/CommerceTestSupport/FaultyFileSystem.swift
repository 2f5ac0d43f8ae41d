package import ColdStore
internal import Glibc
internal import Synchronization

/// The files of this machine until one change fails; from then on every change fails, as for a process that died, or
/// until `heal`.
///
/// `loseUnsynchronized` then does what a power cut may do: bytes that were not synchronized and names in directories
/// that were not are gone. Nothing is really synchronized, which makes it quick.
package final class FaultyFileSystem: FileSystem {
  /// A name that its directory may forget.
  private enum Entry {
    case created(String)
    case renamed(from: String, to: String)
  }

  private struct State {
    var changes = 0
    var failsAt: Int
    /// Bytes on the disk, of each file that was written to.
    var durableBytes: [String: Int] = [:]
    var pendingEntries: [String: [Entry]] = [:]
    var failing: (@Sendable (_ operation: String, _ path: String) -> Bool)?
    var opening: (@Sendable (_ path: String) -> Void)?
  }

  private let local = LocalFileSystem()
  private let code: Int32
  private let state: Mutex<State>

  /// - Parameters:
  ///   - failsAt: the number of the change (write, synchronization, creation, renaming, removal, cut) that fails
  ///     first, counted from 1. Nothing fails where it is `.max`, nothing may change where it is 1.
  ///   - code: the `errno` of the failure, `ENOSPC` or `EIO`.
  package init(failsAt: Int = .max, code: Int32 = ENOSPC) {
    state = Mutex(State(failsAt: failsAt))
    self.code = code
  }

  /// From now on those changes fail for which `isFailing` holds.
  package func fail(where isFailing: @escaping @Sendable (_ operation: String, _ path: String) -> Bool) {
    state.withLock { $0.failing = isFailing }
  }

  /// Nothing that `fail` was told fails any more.
  package func heal() { state.withLock { $0.failing = nil } }

  /// From now on `body` is called before a file is opened to be read; it may take its time.
  package func beforeOpening(_ body: @escaping @Sendable (_ path: String) -> Void) {
    state.withLock { $0.opening = body }
  }

  /// Changes so far, the failed ones included.
  package var changes: Int { state.withLock { $0.changes } }

  package func loseUnsynchronized() throws {
    let (bytes, entries) = state.withLock { ($0.durableBytes, $0.pendingEntries) }
    for (path, count) in bytes where local.exists(path) {
      if try local.byteCount(path) > count { try local.truncate(path, to: count) }
    }
    for entry in entries.values.flatMap({ $0.reversed() }) {
      switch entry {
      case .created(let path): if local.exists(path) { try local.remove(path) }
      case .renamed(let path, let target): if local.exists(target) { try local.rename(target, to: path) }
      }
    }
  }

  // MARK: - Changes

  fileprivate func change(_ operation: String, _ path: String) throws(FileError) {
    let fails = state.withLock { state in
      state.changes += 1
      return state.changes >= state.failsAt || state.failing?(operation, path) ?? false
    }
    guard fails else { return }
    throw FileError(operation: operation, path: path, code: code, message: unsafe String(cString: strerror(code)))
  }

  fileprivate func synchronized(_ path: String, byteCount: Int) { state.withLock { $0.durableBytes[path] = byteCount } }

  private func note(_ entry: Entry, in path: String) {
    state.withLock { $0.pendingEntries[FileName.directory(of: path), default: []].append(entry) }
  }

  package func createFile(_ path: String) throws(FileError) -> any WritableFile {
    try change("create", path)
    if !local.exists(path) { note(.created(path), in: path) }
    let file = try local.createFile(path)
    synchronized(path, byteCount: 0)
    return FaultyFile(path, file, self)
  }

  package func appendToFile(_ path: String) throws(FileError) -> any WritableFile {
    try change("append to", path)
    let file = try local.appendToFile(path)
    synchronized(path, byteCount: try local.byteCount(path))
    return FaultyFile(path, file, self)
  }

  package func rename(_ path: String, to target: String) throws(FileError) {
    try change("rename", path)
    try local.rename(path, to: target)
    note(.renamed(from: path, to: target), in: target)
    state.withLock { $0.durableBytes[target] = $0.durableBytes.removeValue(forKey: path) }
  }

  package func synchronizeDirectory(_ directory: String) throws(FileError) {
    try change("fsync", directory)
    state.withLock { $0.pendingEntries[directory] = nil }
  }

  package func createDirectory(_ directory: String) throws(FileError) {
    guard !local.exists(directory) else { return }
    try change("create directory", directory)
    try local.createDirectory(directory)
  }

  package func remove(_ path: String) throws(FileError) {
    try change("remove", path)
    try local.remove(path)
  }

  package func removeDirectory(_ path: String) throws(FileError) {
    try change("remove directory", path)
    try local.removeDirectory(path)
  }

  package func link(_ path: String, to target: String) throws(FileError) {
    try change("link", path)
    try local.link(path, to: target)
    note(.created(target), in: target)
  }

  package func truncate(_ path: String, to byteCount: Int) throws(FileError) {
    try change("truncate", path)
    try local.truncate(path, to: byteCount)
  }

  // MARK: - Reading

  package func openFile(_ path: String) throws(FileError) -> any ReadableFile {
    state.withLock { $0.opening }?(path)
    return try local.openFile(path)
  }

  package func list(_ directory: String) throws(FileError) -> [String] { try local.list(directory) }
  package func exists(_ path: String) -> Bool { local.exists(path) }
  package func isDirectory(_ path: String) -> Bool { local.isDirectory(path) }
  package func byteCount(_ path: String) throws(FileError) -> Int { try local.byteCount(path) }
}

/// A file of `FaultyFileSystem`.
private final class FaultyFile: WritableFile {
  private let path: String
  private let file: any WritableFile
  private let system: FaultyFileSystem

  init(_ path: String, _ file: any WritableFile, _ system: FaultyFileSystem) {
    self.path = path
    self.file = file
    self.system = system
  }

  func append(_ bytes: Span<UInt8>) throws(FileError) {
    do throws(FileError) {
      try system.change("write to", path)
    } catch {
      // A disk that fills up takes the first part.
      try file.append(bytes.extracting(first: bytes.count / 2))
      throw error
    }
    try file.append(bytes)
  }

  func synchronize() throws(FileError) {
    try system.change("fsync", path)
    // A file that was removed while it is open has no bytes to lose.
    if system.exists(path) { system.synchronized(path, byteCount: try system.byteCount(path)) }
  }
}
