internal import ColdStore
internal import Columns
internal import Encodings

extension FuzzTarget {
  /// An input is the length of a header's body (four bytes), the body, and the pages behind it.
  static let tail = FuzzTarget("tail", "a tail: header of a row group, pages", seeds: EngineFiles.tails) { bytes in
    let file = MemoryFile(bytes: try RowGroupForm.tail(bytes))
    let rows = try TailReader.open(MemoryFile.path, validLength: file.bytes.count, fileSystem: file)
    try readAll(rows)
  }

  /// An input is the length of the row groups (four bytes), the row groups, and the footer without its end.
  static let segment = FuzzTarget(
    "segment", "a segment: footer, headers, pages", maximumByteCount: 32_768, seeds: EngineFiles.segments
  ) { bytes in
    let file = MemoryFile(bytes: try RowGroupForm.segment(bytes))
    try readAll(try SegmentReader.open(MemoryFile.path, fileSystem: file))
  }

  /// Each row group alone: one may be refused and the next be read.
  private static func readAll(_ file: RowGroupFile) throws {
    _ = file.schema
    _ = file.lineage
    var refused: (any Error)?
    for index in file.groups.indices {
      // Real row groups have up to 2¹⁸ rows; more would only be slow.
      guard file.groups[index].header.rowCount < 1 << 18 else { continue }
      for field in file.groups[index].header.schema.fields { _ = file.zoneMap(field.name) }
      do { try read(file, index) } catch { refused = refused ?? error }
    }
    if let refused { throw refused }
    try file.verify()
  }

  /// A row group whole, column by column with few rows, and by its filters.
  private static func read(_ file: RowGroupFile, _ index: Int) throws {
    CellWalk.walk(try file.read(index))
    let header = file.groups[index].header
    for field in header.schema.fields {
      try FewRows.check(
        all: { try file.read(index, as: Schema([field])).columns[0] }, of: header.rowCount, Array(field.name.utf8),
        chosen: { try file.read(index, as: Schema([field]), rows: $0).columns[0] })
      _ = try file.mayContain(index, column: field.name, anyOf: [Array("u_1".utf8), []])
    }
  }
}

/// Puts magic numbers, lengths and checksums around what is fuzzed, and takes them off again.
enum RowGroupForm {
  static func tail(_ input: [UInt8]) throws -> [UInt8] {
    let (body, pages) = try split(input)
    var file = ByteWriter()
    file.append(RowGroupFile.magic)
    file.append(header(body))
    file.append(pages)
    return file.bytes
  }

  static func segment(_ input: [UInt8]) throws -> [UInt8] {
    let (groups, footer) = try split(input)
    let sealed = withChecksums(footer)
    var file = ByteWriter()
    file.append(RowGroupFile.magic)
    file.append(groups)
    file.append(sealed)
    file.write(UInt32(sealed.count))
    file.write(Checksum.crc32c(sealed))
    file.append(Segment.magic)
    return file.bytes
  }

  private static func split(_ input: [UInt8]) throws -> (first: [UInt8], rest: [UInt8]) {
    var reader = ByteReader(input)
    let length = min(Int(try reader.readUInt32()), reader.remaining)
    let first = Array(try reader.readRaw(length))
    return (first, Array(try reader.readRaw(reader.remaining)))
  }

  private static func header(_ body: [UInt8]) -> [UInt8] {
    var header = ByteWriter()
    header.append(RowGroupHeader.magic)
    header.write(UInt32(body.count))
    header.append(body)
    header.write(header.checksum())
    return header.bytes
  }

  /// `footer` with the checksums of the headers in it put right, as far as they can be found.
  private static func withChecksums(_ footer: [UInt8]) -> [UInt8] {
    var sealed = footer
    var reader = ByteReader(footer)
    guard let count = try? reader.readVarint() else { return footer }
    for _ in 0..<min(count, 100) {
      guard (try? reader.readVarint()) != nil, let header = try? reader.readBytes(),
        header.count > RowGroupHeader.prefixByteCount + 4
      else { break }
      let end = reader.offset
      let checksum = Checksum.crc32c(Array(header.dropLast(4)))
      for byte in 0..<4 { sealed[end - 4 + byte] = UInt8(truncatingIfNeeded: checksum >> UInt32(8 * byte)) }
    }
    return sealed
  }

  // MARK: Seeds

  /// The input whose tail has the first row group of `file`.
  static func tailInput(_ file: [UInt8]) throws -> [UInt8] {
    var reader = ByteReader(file[(RowGroupFile.magic.count + RowGroupHeader.magic.count)...])
    let length = Int(try reader.readUInt32())
    let body = Array(try reader.readRaw(length))
    _ = try reader.readUInt32()
    return joined(body, Array(try reader.readRaw(reader.remaining)))
  }

  /// The input whose segment is `file`.
  static func segmentInput(_ file: [UInt8]) throws -> [UInt8] {
    var trailer = ByteReader(file.suffix(Segment.trailerByteCount))
    let footer = Int(try trailer.readUInt32())
    let body = file.dropLast(Segment.trailerByteCount).dropFirst(RowGroupFile.magic.count)
    return joined(Array(body.dropLast(footer)), Array(body.suffix(footer)))
  }

  private static func joined(_ first: [UInt8], _ rest: [UInt8]) -> [UInt8] {
    var input = ByteWriter()
    input.write(UInt32(first.count))
    input.append(first)
    input.append(rest)
    return input.bytes
  }
}
