public import Columns
internal import Encodings
internal import Glibc

/// A file could not be read.
public struct FileReadError: Error, Sendable, CustomStringConvertible {
  public let path: String
  public let reason: String

  public var description: String { "cannot read \(path): \(reason)" }

  init(_ path: String, _ reason: String) {
    self.path = path
    self.reason = reason
  }

  static func last(_ path: String) -> FileReadError { FileReadError(path, unsafe String(cString: strerror(errno))) }
}

/// Reads a file line by line, in blocks; each line is one message, without its newline.
///
/// Lines are copied into a batch's arena, so that the batch outlives the read buffer. A line longer than
/// `maximumLineBytes` is cut one byte behind that, which the decoder refuses as too long. O(bytes).
public final class LineReader {
  private static let blockBytes = 1 << 20

  public let path: String
  private let maximumLineBytes: Int
  private let descriptor: Int32
  private let buffer: ByteArena
  /// Where the unread part of `buffer` begins and ends.
  private var start = 0
  private var end = 0
  private var isAtFileEnd = false
  /// The byte of the file at which the next line begins, and the CRC32C of all before it.
  public private(set) var byteOffset: Int64 = 0
  public private(set) var checksum: UInt32 = 0

  public init(path: String, maximumLineBytes: Int) throws(FileReadError) {
    self.path = path
    self.maximumLineBytes = maximumLineBytes
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileReadError.last(path) }
    buffer = ByteArena(capacity: maximumLineBytes + 1 + LineReader.blockBytes)
    buffer.extend(by: buffer.capacity)
  }

  deinit { close(descriptor) }

  /// The size of the file at `path`, in bytes.
  public static func size(of path: String) throws(FileReadError) -> Int64 {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw FileReadError.last(path) }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw FileReadError(path, "it is a directory") }
    return Int64(status.st_size)
  }

  /// Moves to `byteOffset`, reading all before it to make sure that it is what was read before.
  public func skip(to byteOffset: Int64, checksum expected: UInt32) throws(FileReadError) {
    while self.byteOffset < byteOffset {
      if start == end { try fill() }
      let length = min(end - start, Int(byteOffset - self.byteOffset))
      guard length > 0 else {
        throw FileReadError(path, "it ends before byte \(byteOffset), which an earlier run had read")
      }
      consume(length)
    }
    guard checksum == expected else {
      throw FileReadError(path, "its first \(byteOffset) bytes are not those that an earlier run read")
    }
  }

  /// Appends the next line to `arena`; nil at the end of the file.
  public func next(into arena: ByteArena) throws(FileReadError) -> (offset: Int, length: Int)? {
    var searched = 0
    while true {
      if let newline = findNewline(from: start + searched) {
        let line = copy(newline - start, into: arena)
        consume(newline + 1 - start)
        return line
      }
      searched = end - start
      if searched > maximumLineBytes { return try cutLongLine(into: arena) }
      if isAtFileEnd {
        guard searched > 0 else { return nil }
        let line = copy(searched, into: arena)
        consume(searched)
        return line
      }
      try fill()
    }
  }

  /// Takes the beginning of a line that is too long and drops the rest of it.
  private func cutLongLine(into arena: ByteArena) throws(FileReadError) -> (offset: Int, length: Int) {
    let line = copy(maximumLineBytes + 1, into: arena)
    consume(maximumLineBytes + 1)
    while true {
      if let newline = findNewline(from: start) {
        consume(newline + 1 - start)
        return line
      }
      consume(end - start)
      if isAtFileEnd { return line }
      try fill()
    }
  }

  // Invariant of the unsafe parts below: 0 <= start <= end <= buffer.count, and the buffer is this reader's alone.

  private func findNewline(from position: Int) -> Int? {
    guard position < end else { return nil }
    guard let found = unsafe memchr(buffer.base + position, 0x0A, end - position) else { return nil }
    return unsafe UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - UnsafePointer(buffer.base)
  }

  private func copy(_ length: Int, into arena: ByteArena) -> (offset: Int, length: Int) {
    (unsafe arena.append(UnsafePointer(buffer.base + start), length: length), length)
  }

  private func consume(_ length: Int) {
    checksum = unsafe Checksum.crc32c(UnsafePointer(buffer.base + start), length, seed: checksum)
    start += length
    byteOffset += Int64(length)
  }

  /// Reads one more block behind the unread part, which moves to the front first.
  private func fill() throws(FileReadError) {
    if start > 0 {
      unsafe memmove(buffer.base, buffer.base + start, end - start)
      end -= start
      start = 0
    }
    while true {
      let count = unsafe read(descriptor, buffer.base + end, min(LineReader.blockBytes, buffer.count - end))
      if count >= 0 {
        end += count
        isAtFileEnd = count == 0
        return
      }
      guard errno == EINTR else { throw FileReadError.last(path) }
    }
  }
}
