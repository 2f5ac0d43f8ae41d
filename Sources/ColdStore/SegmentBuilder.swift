internal import Encodings

/// Writes a segment row group by row group. It has its name when it is complete, and not before.
public final class SegmentBuilder {
  private let path: String
  private let directory: String
  private let fileSystem: any FileSystem
  private let file: any WritableFile
  private var placed: [(offset: Int, header: [UInt8])] = []
  private var headers: [RowGroupHeader] = []
  /// Bytes of the file so far.
  public private(set) var byteCount: Int
  /// Rows of the file so far.
  public var rowCount: Int { headers.reduce(0) { $0 + $1.rowCount } }

  private var target: String { directory + "/" + path }

  /// A new segment at `directory/path`, whose folder is made.
  public init(_ path: String, in directory: String, fileSystem: any FileSystem) throws {
    self.path = path
    self.directory = directory
    self.fileSystem = fileSystem
    let target = directory + "/" + path
    try fileSystem.createDirectory(FileName.directory(of: target))
    file = try fileSystem.createFile(target + FileName.asideSuffix)
    let magic = RowGroupFile.magic
    try file.append(magic.span)
    byteCount = magic.count
  }

  /// Adds a row group of the same table and day as those before.
  public func append(_ group: RowGroup) throws {
    try file.append(group.headerBytes.span)
    try file.append(group.pageBytes.span)
    place(group.header, group.headerBytes, group.byteCount)
  }

  /// Adds a row group as it is stored: `bytes` are all of it.
  func append(_ header: RowGroupHeader, stored bytes: [UInt8]) throws {
    try file.append(bytes.span)
    place(header, Array(bytes.prefix(header.byteCount)), bytes.count)
  }

  private func place(_ header: RowGroupHeader, _ headerBytes: [UInt8], _ count: Int) {
    precondition(headers.first.map { $0.day == header.day } ?? true, "a segment holds one day")
    precondition(headers.first.map { $0.table == header.table } ?? true, "a segment holds one table")
    placed.append((byteCount, headerBytes))
    headers.append(header)
    byteCount += count
  }

  /// Completes the segment, which has a row group at least: it is on the disk under its name then.
  ///
  /// - Parameter origin: what it was merged from; nil for row groups as they came.
  public func finish(_ origin: SegmentOrigin? = nil, timeColumn: String?) throws -> SegmentReference {
    let origin = origin ?? SegmentOrigin(of: headers)
    let (footer, checksum) = SegmentWriter.footer(placed, origin)
    try file.append(footer.span)
    try file.synchronize()
    try fileSystem.rename(target + FileName.asideSuffix, to: target)
    try fileSystem.synchronizeDirectory(FileName.directory(of: target))
    return SegmentWriter.reference(path, byteCount + footer.count, checksum, headers, origin, timeColumn)
  }
}
