package import ColdStore
internal import Columns
internal import Glibc
internal import TestSupport

/// A disk in memory that is as unkind as POSIX allows.
///
/// Bytes that were not synchronized may be lost or torn by a power cut, names in directories that were not, too, each
/// by itself. Any call may fail; a synchronization that fails may have lost what it was to write for good. Of a process
/// that dies alone nothing is lost.
///
/// `@unchecked Sendable`: a simulation runs on one thread.
package final class SimulatedFileSystem: FileSystem, @unchecked Sendable {
  /// What a disk says that it did, and did not.
  package enum Lie: Sendable {
    case synchronizesFiles
    case synchronizesDirectories
  }

  private var directories: [String: SimulatedDirectory]
  private var random: SeededRandom
  private let lie: Lie?
  var faults = DiskFaults()

  /// A disk that has the empty directory `root` and those above it, for good.
  package init(root: String, seed: UInt64, lie: Lie? = nil) {
    directories = [root: SimulatedDirectory()]
    random = SeededRandom(seed: seed)
    self.lie = lie
  }

  // MARK: - What happens to it

  /// The power goes and comes back.
  package func losePower() {
    let loss = PowerLoss.choose(&random)
    for path in directories.keys.sorted() {
      var directory = directories[path] ?? SimulatedDirectory()
      directory.losePower { loss.survives(&random) == .all }
      directories[path] = directory
    }
    // Contents, after the names are known: a file that no name leads to is gone.
    for path in directories.keys.sorted() where !isReachable(path) { directories[path] = nil }
    for (_, directory) in directories.sorted(by: { $0.key < $1.key }) {
      for (_, node) in directory.names.sorted(by: { $0.key < $1.key }) {
        if case .file(let inode) = node { inode.losePower(loss, &random) }
      }
    }
  }

  private func isReachable(_ path: String) -> Bool {
    let parent = FileName.directory(of: path)
    guard let directory = directories[parent] else { return !directories.keys.contains { path.hasPrefix($0 + "/") } }
    guard case .directory? = directory.names[FileName.last(of: path)] else { return false }
    return isReachable(parent)
  }

  /// One bit of the file at `path` turns over.
  package func decay(_ path: String) { inode(path)?.decay(&random) }

  // MARK: - Finding

  private func inode(_ path: String) -> SimulatedInode? {
    guard case .file(let inode)? = node(path) else { return nil }
    return inode
  }

  private func node(_ path: String) -> SimulatedDirectory.Node? {
    directories[FileName.directory(of: path)]?.names[FileName.last(of: path)]
  }

  private func existing(_ path: String, _ operation: String) throws(FileError) -> SimulatedInode {
    if let inode = inode(path) { return inode }
    throw FileError(operation: operation, path: path, code: ENOENT, message: "no such file")
  }

  fileprivate func check(_ operation: DiskFaults.Operation, _ path: String) throws(FileError) {
    try faults.check(operation, path, &random)
  }

  private func changeNames(of path: String, _ body: (inout SimulatedDirectory) -> Void) throws(FileError) {
    let parent = FileName.directory(of: path)
    guard var directory = directories[parent] else {
      throw FileError(operation: "find", path: parent, code: ENOENT, message: "no such directory")
    }
    body(&directory)
    directories[parent] = directory
  }

  // MARK: - Changes

  package func createFile(_ path: String) throws(FileError) -> any WritableFile {
    try check(.create, path)
    if let inode = inode(path) {
      inode.truncate(to: 0)
      return SimulatedFile(path, inode, self)
    }
    let inode = SimulatedInode()
    try changeNames(of: path) { $0.link(FileName.last(of: path), .file(inode)) }
    return SimulatedFile(path, inode, self)
  }

  package func appendToFile(_ path: String) throws(FileError) -> any WritableFile {
    guard let inode = inode(path) else { return try createFile(path) }
    try check(.append, path)
    return SimulatedFile(path, inode, self)
  }

  package func rename(_ path: String, to target: String) throws(FileError) {
    precondition(FileName.directory(of: path) == FileName.directory(of: target), "moving to elsewhere is not simulated")
    try check(.rename, path)
    _ = try existing(path, "rename")
    try changeNames(of: path) { $0.rename(FileName.last(of: path), to: FileName.last(of: target)) }
  }

  package func synchronizeDirectory(_ directory: String) throws(FileError) {
    try check(.synchronizeDirectory, directory)
    if lie != .synchronizesDirectories { directories[directory]?.synchronize() }
  }

  package func createDirectory(_ directory: String) throws(FileError) {
    guard !exists(directory) else { return }
    let parent = FileName.directory(of: directory)
    try createDirectory(parent)
    try check(.makeDirectory, directory)
    try changeNames(of: directory) { $0.link(FileName.last(of: directory), .directory) }
    directories[directory] = SimulatedDirectory()
    try synchronizeDirectory(parent)
  }

  package func remove(_ path: String) throws(FileError) {
    try check(.remove, path)
    _ = try existing(path, "remove")
    try changeNames(of: path) { $0.unlink(FileName.last(of: path)) }
  }

  package func truncate(_ path: String, to byteCount: Int) throws(FileError) {
    try check(.truncate, path)
    try existing(path, "truncate").truncate(to: byteCount)
  }

  fileprivate func append(_ bytes: Span<UInt8>, to inode: SimulatedInode, _ path: String) throws(FileError) {
    let wasDead = faults.isDead
    do throws(FileError) {
      try check(.append, path)
    } catch {
      // A disk that fills up takes a part, and so does one whose writer is killed.
      if !wasDead { inode.append(Array(copying: bytes.extracting(first: random.below(bytes.count + 1)))) }
      throw error
    }
    inode.append(Array(copying: bytes))
  }

  fileprivate func synchronize(_ inode: SimulatedInode, _ path: String) throws(FileError) {
    do throws(FileError) {
      try check(.synchronize, path)
    } catch {
      if !faults.isDead { inode.failToSynchronize(&random) }
      throw error
    }
    if lie != .synchronizesFiles { inode.synchronize() }
  }

  // MARK: - Reading

  package func openFile(_ path: String) throws(FileError) -> any ReadableFile {
    try check(.read, path)
    return SimulatedFile(path, try existing(path, "open"), self)
  }

  package func list(_ directory: String) throws(FileError) -> [String] {
    try check(.list, directory)
    return directories[directory]?.names.keys.sorted() ?? []
  }

  package func exists(_ path: String) -> Bool { isDirectory(path) || inode(path) != nil }
  package func isDirectory(_ path: String) -> Bool { directories[path] != nil }
  package func byteCount(_ path: String) throws(FileError) -> Int { try existing(path, "look at").bytes.count }
}

/// An open file of a `SimulatedFileSystem`; it stays readable when its name is gone.
///
/// `@unchecked Sendable`: a simulation runs on one thread.
private final class SimulatedFile: WritableFile, ReadableFile, @unchecked Sendable {
  private let path: String
  private let inode: SimulatedInode
  private let system: SimulatedFileSystem

  init(_ path: String, _ inode: SimulatedInode, _ system: SimulatedFileSystem) {
    self.path = path
    self.inode = inode
    self.system = system
  }

  func append(_ bytes: Span<UInt8>) throws(FileError) { try system.append(bytes, to: inode, path) }
  func synchronize() throws(FileError) { try system.synchronize(inode, path) }
  func byteCount() throws(FileError) -> Int { inode.bytes.count }

  func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    try system.check(.read, path)
    guard offset >= 0, count > 0, offset < inode.bytes.count else { return [] }
    return Array(inode.bytes[offset..<min(offset + count, inode.bytes.count)])
  }
}
