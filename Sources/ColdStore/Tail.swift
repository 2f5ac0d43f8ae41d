internal import Encodings

/// The append-only file of a table's newest row groups: an eight-byte magic, then row groups.
///
/// A commit records how many of its bytes are valid; what is behind them never happened. With a footer it is a segment.
public final class TailWriter {
  public let path: String
  /// Bytes of the file so far, the appended but not yet flushed ones included.
  public private(set) var validLength: Int
  /// Rows of the file so far.
  public private(set) var rowCount: Int
  private let file: any WritableFile
  /// Whether all bytes are on the disk.
  private var isDurable = false

  /// A new, empty tail at `path`.
  public init(creating path: String, fileSystem: any FileSystem) throws {
    self.path = path
    file = try fileSystem.createFile(path)
    let magic = RowGroupFile.magic
    try file.append(magic.span)
    try fileSystem.synchronizeDirectory(FileName.directory(of: path))
    validLength = RowGroupFile.magic.count
    rowCount = 0
  }

  /// Goes on behind the first `validLength` bytes of the tail at `path`, which a commit named.
  ///
  /// Throws `CorruptionError` if the file has another length than that.
  public init(continuing path: String, validLength: Int, rowCount: Int, fileSystem: any FileSystem) throws {
    let byteCount = try fileSystem.byteCount(path)
    guard byteCount == validLength, validLength >= RowGroupFile.magic.count else {
      throw CorruptionError("a tail has \(byteCount) bytes, \(validLength) are committed", path: path)
    }
    self.path = path
    self.validLength = validLength
    self.rowCount = rowCount
    file = try fileSystem.appendToFile(path)
    // What a commit named was made durable before it.
    isDurable = true
  }

  /// Goes on in the new file `path` with the first `validLength` bytes of the tail at `source`, which a commit named.
  ///
  /// For a file whose end cannot be trusted, or that may have got another name meanwhile: it stays as it is.
  public init(
    creating path: String, copying source: String, validLength: Int, rowCount: Int, fileSystem: any FileSystem
  ) throws {
    try fileSystem.copy(source, to: path, byteCount: validLength)
    try fileSystem.synchronizeDirectory(FileName.directory(of: path))
    self.path = path
    self.validLength = validLength
    self.rowCount = rowCount
    file = try fileSystem.appendToFile(path)
  }

  /// Adds a row group; durable after `flush`. After an error the writer is of no use: continue from the last commit.
  public func append(_ group: RowGroup) throws(FileError) {
    isDurable = false
    try file.append(group.headerBytes.span)
    try file.append(group.pageBytes.span)
    validLength += group.byteCount
    rowCount += group.header.rowCount
  }

  /// Adds the footer that makes the file a segment, which is durable then. The writer is of no use afterwards.
  ///
  /// A commit that still names the file as a tail finds its valid bytes unchanged before the footer.
  func finish(footer: Span<UInt8>) throws(FileError) {
    try file.append(footer)
    try file.synchronize()
  }

  /// Returns when every appended row group is on the disk. Asks the disk only if one was: most commits add nothing to
  /// most tables.
  public func flush() throws(FileError) {
    guard !isDurable else { return }
    try file.synchronize()
    isDurable = true
  }
}

/// Opens tails.
public enum TailReader {
  /// The first `validLength` bytes of the tail at `path`. Reads every header: O(row groups).
  public static func open(_ path: String, validLength: Int, fileSystem: any FileSystem) throws -> RowGroupFile {
    do {
      let file = try fileSystem.openFile(path)
      let byteCount = try file.byteCount()
      guard byteCount >= validLength else {
        throw CorruptionError("a tail has \(byteCount) bytes, \(validLength) are committed")
      }
      guard try file.read(at: 0, count: RowGroupFile.magic.count) == RowGroupFile.magic else {
        throw CorruptionError("this is not a tail", offset: 0)
      }
      var groups: [(offset: Int, header: RowGroupHeader)] = []
      var checksum: UInt32 = 0
      var offset = RowGroupFile.magic.count
      while offset < validLength {
        let (header, headerChecksum) = try readHeader(file, offset, limit: validLength)
        checksum = Checksum.crc32c(headerChecksum, seed: checksum)
        groups.append((offset, header))
        offset += header.groupByteCount
      }
      guard offset == validLength else { throw CorruptionError("a row group runs over the valid end", offset: offset) }
      return RowGroupFile(path: path, file: file, groups: groups, checksum: checksum)
    } catch let error as CorruptionError { throw error.withPath(path) }
  }

  /// The header at `offset` and its stored checksum.
  private static func readHeader(
    _ file: any ReadableFile, _ offset: Int, limit: Int
  ) throws -> (RowGroupHeader, [UInt8]) {
    do {
      let prefix = try file.read(at: offset, count: min(RowGroupHeader.prefixByteCount, limit - offset))
      let byteCount = try RowGroupHeader.byteCount(prefix: prefix[...])
      guard byteCount <= limit - offset else { throw CorruptionError("a row group's header is cut off") }
      let bytes = try file.read(at: offset, count: byteCount)
      return (try RowGroupHeader(bytes[...]), Array(bytes.suffix(4)))
    } catch let error as CorruptionError { throw CorruptionError(error.what, offset: offset) }
  }
}
