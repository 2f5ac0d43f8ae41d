internal import Encodings
internal import Glibc

/// Files and folders as a whole: copies, shared copies, checksums, removal.
extension FileSystem {
  /// What is read at a time.
  private var chunkBytes: Int { 1 << 20 }

  /// Calls `body` with the first `byteCount` bytes of the file at `path`, all of them where nil, chunk by chunk.
  ///
  /// Throws `CorruptionError` where the file has fewer.
  private func forEachChunk(
    _ path: String, byteCount: Int?, _ body: (Span<UInt8>) throws -> Void
  ) throws {
    let file = try openFile(path)
    let end = try byteCount ?? file.byteCount()
    var offset = 0
    while offset < end {
      let bytes = try file.read(at: offset, count: min(chunkBytes, end - offset))
      guard !bytes.isEmpty else {
        throw CorruptionError("it has \(offset) bytes instead of \(end)", path: path)
      }
      try body(bytes.span)
      offset += bytes.count
    }
  }

  /// CRC32C of the file at `path`. Reads all of it, a little at a time.
  public func checksum(_ path: String) throws -> UInt32 {
    var checksum: UInt32 = 0
    try forEachChunk(path, byteCount: nil) { checksum = Checksum.crc32c($0, seed: checksum) }
    return checksum
  }

  /// Copies the first `byteCount` bytes of the file at `path` (all of them where nil) to the new file `target`, which
  /// is on the disk then; its name is when the directory is synchronized.
  public func copy(_ path: String, to target: String, byteCount: Int? = nil) throws {
    let copy = try createFile(target)
    try forEachChunk(path, byteCount: byteCount) { try copy.append($0) }
    try copy.synchronize()
  }

  /// Gives the file at `path`, which nobody changes any more, the further name `target`, or copies it where the two
  /// cannot share one: on another file system, for instance. Returns whether they share.
  public func linkOrCopy(_ path: String, to target: String) throws -> Bool {
    do throws(FileError) {
      try link(path, to: target)
      return true
    } catch {
      guard [EXDEV, EPERM, EMLINK, ENOTSUP, ENOSYS].contains(error.code) else { throw error }
      try copy(path, to: target)
      return false
    }
  }

  /// Removes `path` with all that is below it; no error where nothing is there.
  public func removeTree(_ path: String) throws(FileError) {
    guard exists(path) else { return }
    guard isDirectory(path) else { return try remove(path) }
    for name in try list(path) { try removeTree("\(path)/\(name)") }
    try removeDirectory(path)
  }

  /// Makes the names of `directory` and of all folders below it durable.
  public func synchronizeTree(_ directory: String) throws(FileError) {
    for name in try list(directory) where isDirectory("\(directory)/\(name)") {
      try synchronizeTree("\(directory)/\(name)")
    }
    try synchronizeDirectory(directory)
  }

  /// Whether something may be put in place of `path`: nothing is there, or an empty directory.
  public func isVacant(_ path: String) throws(FileError) -> Bool {
    guard exists(path) else { return true }
    guard isDirectory(path) else { return false }
    return try list(path).isEmpty
  }
}
