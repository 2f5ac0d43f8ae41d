internal import Columns
internal import Glibc

/// The files of this machine.
public struct LocalFileSystem: FileSystem {
  public init() {}

  public func createFile(_ path: String) throws(FileError) -> any WritableFile {
    try LocalFile(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, "create")
  }

  public func appendToFile(_ path: String) throws(FileError) -> any WritableFile {
    try LocalFile(path, O_WRONLY | O_CREAT | O_APPEND, "append to")
  }

  public func openFile(_ path: String) throws(FileError) -> any ReadableFile {
    try LocalFile(path, O_RDONLY, "open")
  }

  public func rename(_ path: String, to target: String) throws(FileError) {
    try call("rename", path) { unsafe Glibc.rename(path, target) }
  }

  public func synchronizeDirectory(_ directory: String) throws(FileError) {
    try LocalFile(directory, O_RDONLY | O_DIRECTORY, "open directory").synchronize()
  }

  public func createDirectory(_ directory: String) throws(FileError) {
    guard !exists(directory), directory != "." else { return }
    let parent = FileName.directory(of: directory)
    try createDirectory(parent)
    do { try call("create directory", directory) { unsafe mkdir(directory, 0o777) } } catch {
      // Another process may have made it meanwhile.
      guard error.code == EEXIST else { throw error }
    }
    try synchronizeDirectory(parent)
  }

  public func list(_ directory: String) throws(FileError) -> [String] {
    guard let stream = unsafe opendir(directory) else { throw FileError.latest("list", directory) }
    defer { unsafe _ = closedir(stream) }
    var names: [String] = []
    // An entry is valid until the next call; its name ends in a zero byte within `d_name`.
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  public func remove(_ path: String) throws(FileError) { try call("remove", path) { unsafe unlink(path) } }

  public func removeDirectory(_ path: String) throws(FileError) {
    try call("remove directory", path) { unsafe rmdir(path) }
  }

  public func link(_ path: String, to target: String) throws(FileError) {
    try call("link", path) { unsafe Glibc.link(path, target) }
  }

  public func truncate(_ path: String, to byteCount: Int) throws(FileError) {
    try call("truncate", path) { unsafe Glibc.truncate(path, byteCount) }
  }

  public func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  public func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  public func byteCount(_ path: String) throws(FileError) -> Int {
    var status = stat()
    try call("look at", path) { unsafe stat(path, &status) }
    return Int(status.st_size)
  }

  public func space(_ path: String) -> DiskSpace? {
    var status = statvfs()
    // The call fills `status` and keeps nothing.
    guard unsafe statvfs(path, &status) == 0 else { return nil }
    func bytes(_ blockCount: UInt) -> Int64 {
      Int64(clamping: blockCount.multipliedReportingOverflow(by: status.f_frsize).partialValue)
    }
    return DiskSpace(total: bytes(status.f_blocks), available: bytes(status.f_bavail))
  }

  private func call(_ operation: String, _ path: String, _ body: () -> Int32) throws(FileError) {
    while body() != 0 {
      guard errno == EINTR else { throw FileError.latest(operation, path) }
    }
  }
}

/// An open descriptor. Writes append (O_APPEND) and reads name their position, so that it has no state of its own.
final class LocalFile: WritableFile, ReadableFile {
  private let path: String
  private let descriptor: Int32

  init(_ path: String, _ flags: Int32, _ operation: String) throws(FileError) {
    var opened: Int32
    repeat { opened = unsafe open(path, flags | O_CLOEXEC, 0o666) } while opened < 0 && errno == EINTR
    guard opened >= 0 else { throw FileError.latest(operation, path) }
    self.path = path
    descriptor = opened
  }

  deinit { close(descriptor) }

  func append(_ bytes: Span<UInt8>) throws(FileError) {
    var written = 0
    while written < bytes.count {
      let rest = bytes.extracting(written..<bytes.count)
      let count = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        written += count
      } else if errno != EINTR {
        throw FileError.latest("write to", path)
      }
    }
  }

  func synchronize() throws(FileError) {
    while fsync(descriptor) != 0 {
      guard errno == EINTR else { throw FileError.latest("fsync", path) }
    }
  }

  func byteCount() throws(FileError) -> Int {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw FileError.latest("look at", path) }
    return Int(status.st_size)
  }

  func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    guard offset >= 0, count > 0 else { return [] }
    var code: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      guard let base = buffer.baseAddress else { return }
      (filled, code) = unsafe read(at: offset, count: count, to: base)
    }
    guard code == 0 else { throw FileError.make("read", path, code) }
    return bytes
  }

  func readPadded(at offset: Int, count: Int) throws(FileError) -> ByteArena {
    guard offset >= 0, count > 0 else { return ByteArena() }
    let arena = ByteArena(capacity: count)
    let (filled, code) = unsafe read(at: offset, count: count, to: arena.base)
    guard code == 0 else { throw FileError.make("read", path, code) }
    arena.extend(by: filled)
    return arena
  }

  /// Reads to `target`, which has room for `count` bytes; says how many came and, unless it is 0, why no more did.
  @unsafe private func read(
    at offset: Int, count: Int, to target: UnsafeMutablePointer<UInt8>
  ) -> (filled: Int, code: Int32) {
    var filled = 0
    while filled < count {
      // `filled` bytes are there, and `count - filled` have room behind them.
      let got = unsafe pread(descriptor, target + filled, count - filled, offset + filled)
      if got == 0 { break }
      if got > 0 { filled += got } else if errno != EINTR { return (filled, errno) }
    }
    return (filled, 0)
  }
}

extension FileError {
  /// The error that `errno` holds now.
  static func latest(_ operation: String, _ path: String) -> FileError { make(operation, path, errno) }

  static func make(_ operation: String, _ path: String, _ code: Int32) -> FileError {
    let message = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    return FileError(operation: operation, path: path, code: code, message: message)
  }
}
