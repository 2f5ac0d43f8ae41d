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
/// Blocks are read straight into a batch's arena, where the lines then lie; what is behind the last wanted line moves
/// to the next batch. A line longer than `maximumLineBytes` is cut one byte behind that, which the decoder refuses as
/// too long. O(bytes).
public final class LineReader {
  /// The most bytes read at once, and so the most that move to the next batch, beside one line.
  public static let largestBlockBytes = 256 << 10
  private static let smallestBlockBytes = 4 << 10

  public let path: String
  private let maximumLineBytes: Int
  private let descriptor: Int32
  /// Bytes that were read and not yet taken.
  private var carried: [UInt8] = []
  private var isAtFileEnd = false
  /// The byte of the file at which the next line begins, and the CRC32C of all before it.
  public private(set) var byteOffset: Int64 = 0
  public private(set) var checksum: UInt32 = 0

  public init(path: String, maximumLineBytes: Int) throws(FileReadError) {
    self.path = path
    self.maximumLineBytes = maximumLineBytes
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileReadError.last(path) }
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
      let block = ByteArena(capacity: LineReader.largestBlockBytes)
      if carried.isEmpty { try fill(block, LineReader.largestBlockBytes) } else { takeCarried(into: block) }
      let length = min(block.count, Int(byteOffset - self.byteOffset))
      guard length > 0 else {
        throw FileReadError(path, "it ends before byte \(byteOffset), which an earlier run had read")
      }
      account(block, 0..<length)
      carry(block, from: length)
    }
    guard checksum == expected else {
      throw FileReadError(path, "its first \(byteOffset) bytes are not those that an earlier run read")
    }
  }

  /// Appends the next lines to `arena` and says where they lie: at most `count`, and no further one once they have
  /// `byteCount` bytes. None at the end of the file.
  public func lines(
    into arena: ByteArena, atMost count: Int, byteCount: Int = .max
  ) throws(FileReadError) -> [Range<Int>] {
    let begin = arena.count
    takeCarried(into: arena)
    let block = min(max(count * 512, LineReader.smallestBlockBytes), LineReader.largestBlockBytes)
    var lines: [Range<Int>] = []
    /// The first byte of the next line, the first that is not in `checksum`, and the first not searched for a newline.
    var (start, accounted, searched) = (begin, begin, begin)
    while lines.count < count, start - begin < byteCount {
      if let newline = LineReader.newline(arena, from: searched) {
        lines.append(start..<min(newline, start + maximumLineBytes + 1))
        (start, searched) = (newline + 1, newline + 1)
        continue
      }
      searched = arena.count
      if isAtFileEnd {
        guard searched > start else { break }
        lines.append(start..<min(searched, start + maximumLineBytes + 1))
        start = searched
        continue
      }
      if searched - start > maximumLineBytes {
        // Of a line that is too long only the beginning is kept, however long it is.
        account(arena, accounted..<searched)
        searched = start + maximumLineBytes + 1
        accounted = searched
        arena.truncate(to: searched)
      }
      try fill(arena, block)
    }
    account(arena, accounted..<start)
    carry(arena, from: start)
    arena.truncate(to: start)
    return lines
  }

  // MARK: - Blocks

  private static func newline(_ arena: ByteArena, from position: Int) -> Int? {
    guard position < arena.count else { return nil }
    // Invariant: `position..<arena.count` is readable, and this reader's batch alone has the arena.
    guard let found = unsafe memchr(arena.base + position, 0x0A, arena.count - position) else { return nil }
    return unsafe UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - UnsafePointer(arena.base)
  }

  private func account(_ arena: ByteArena, _ range: Range<Int>) {
    checksum = Checksum.crc32c(arena.span.extracting(range), seed: checksum)
    byteOffset += Int64(range.count)
  }

  private func takeCarried(into arena: ByteArena) {
    arena.append(carried.span)
    carried = []
  }

  private func carry(_ arena: ByteArena, from start: Int) {
    carried = [UInt8](copying: arena.span.extracting(start..<arena.count))
  }

  /// Reads at most `byteCount` bytes more behind those of `arena`.
  private func fill(_ arena: ByteArena, _ byteCount: Int) throws(FileReadError) {
    arena.reserve(byteCount)
    while true {
      // Invariant: `reserve` made room for `byteCount` bytes behind `count`.
      let count = unsafe read(descriptor, arena.base + arena.count, byteCount)
      if count >= 0 {
        arena.extend(by: count)
        isAtFileEnd = count == 0
        return
      }
      guard errno == EINTR else { throw FileReadError.last(path) }
    }
  }
}
