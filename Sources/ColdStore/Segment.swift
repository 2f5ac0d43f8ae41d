internal import Encodings

/// What makes a file of row groups a segment: footer, footer length and checksum, magic (README: segment).
package enum Segment {
  package static let magic = Array("RFLSEGM2".utf8)
  /// Footer length, checksum and magic.
  package static let trailerByteCount = 16

  static func check(_ found: ArraySlice<UInt8>, at offset: Int) throws(CorruptionError) {
    guard !found.elementsEqual(magic) else { return }
    guard found.starts(with: magic.dropLast()) else { throw CorruptionError("the segment is cut off", offset: offset) }
    throw CorruptionError(
      "the segment has the format \(String(decoding: found, as: UTF8.self)), not RFLSEGM2", offset: offset)
  }
}

/// Writes segments.
public enum SegmentWriter {
  /// Writes `groups` of `source` verbatim as the segment `directory/path`: all of it or nothing is there afterwards.
  ///
  /// The groups are of one table and day, and at least one, which is a precondition. The reference's time bounds are
  /// those of `timeColumn`.
  public static func write(
    _ path: String, in directory: String, groups: [Int], of source: RowGroupFile, timeColumn: String?,
    fileSystem: any FileSystem
  ) throws -> SegmentReference {
    let segment = try SegmentBuilder(path, in: directory, fileSystem: fileSystem)
    for group in groups { try segment.append(source.groups[group].header, stored: try source.bytes(group)) }
    return try segment.finish(timeColumn: timeColumn)
  }

  /// Makes `tail`, whose row groups are all of one day, a segment where it lies: nothing is copied.
  ///
  /// `file` is the tail opened for reading, `path` what the reference calls it.
  public static func finish(
    _ tail: TailWriter, _ file: RowGroupFile, path: String, timeColumn: String?
  ) throws -> SegmentReference {
    let headers = file.groups.map(\.header)
    precondition(Set(headers.map(\.day)).count == 1, "a segment holds one day")
    let origin = SegmentOrigin(of: headers)
    let (footer, checksum) = footer(try file.groups.map { ($0.offset, try file.headerBytes($0)) }, origin)
    try tail.finish(footer: footer.span)
    return reference(path, tail.validLength + footer.count, checksum, headers, origin, timeColumn)
  }

  /// Footer, its length and checksum, magic; and that checksum.
  static func footer(_ groups: [(offset: Int, header: [UInt8])], _ origin: SegmentOrigin) -> ([UInt8], UInt32) {
    var footer = ByteWriter()
    footer.writeVarint(UInt64(groups.count))
    for group in groups {
      footer.writeVarint(UInt64(group.offset))
      footer.write(bytes: group.header)
    }
    origin.write(to: &footer)
    let checksum = footer.checksum()
    var end = footer
    end.write(UInt32(footer.count))
    end.write(checksum)
    end.writeRaw(Segment.magic.span)
    return (end.bytes, checksum)
  }

  static func reference(
    _ path: String, _ byteCount: Int, _ checksum: UInt32, _ headers: [RowGroupHeader], _ origin: SegmentOrigin,
    _ timeColumn: String?
  ) -> SegmentReference {
    var reference = SegmentReference(
      path: path, byteCount: byteCount, rowCount: headers.reduce(0) { $0 + $1.rowCount }, checksum: checksum,
      dayMilliseconds: headers[0].day, level: origin.level, sequenceEnd: origin.sequenceEnd)
    let zone = timeColumn.map { column in headers.reduce(ZoneMap.empty) { $0.union($1.zoneMap(column)) } }
    if case .integers(let minimum, let maximum) = zone {
      reference.minimumTime = minimum
      reference.maximumTime = maximum
    }
    return reference
  }

  /// A segment that was cut, and those of its rows that were deleted already.
  public struct Cut: Sendable {
    public let segment: SegmentReference
    public let deletions: DeletionVector
  }

  /// Copies all row groups of `tail` into segments of one day each, of about `maximumByteCount` bytes at most (a larger
  /// row group has one of its own). `path` names the segment of a day's `ordinal`, relative to `directory`.
  public static func cut(
    _ tail: RowGroupFile, deletions: DeletionVector = DeletionVector(), in directory: String, timeColumn: String?,
    maximumByteCount: Int = 64 << 20, fileSystem: any FileSystem, path: (_ day: Int64, _ ordinal: Int) -> String
  ) throws -> [Cut] {
    var cuts: [Cut] = []
    let days = Dictionary(grouping: tail.groups.indices) { tail.groups[$0].header.day }
    for (day, groups) in days.sorted(by: { $0.key < $1.key }) {
      for (ordinal, run) in runs(of: groups, in: tail, maximumByteCount).enumerated() {
        let segment = try write(
          path(day, ordinal), in: directory, groups: run, of: tail, timeColumn: timeColumn, fileSystem: fileSystem)
        cuts.append(Cut(segment: segment, deletions: moved(deletions, run, tail)))
      }
    }
    return cuts
  }

  private static func runs(of groups: [Int], in tail: RowGroupFile, _ maximumByteCount: Int) -> [[Int]] {
    var runs: [[Int]] = []
    var byteCount = Int.max
    for group in groups {
      let size = tail.groups[group].header.groupByteCount
      if byteCount > maximumByteCount - min(size, maximumByteCount) {
        runs.append([])
        byteCount = 0
      }
      runs[runs.count - 1].append(group)
      byteCount += size
    }
    return runs
  }

  /// `deletions` of `tail` as row numbers of a file that holds only `groups`.
  private static func moved(_ deletions: DeletionVector, _ groups: [Int], _ tail: RowGroupFile) -> DeletionVector {
    var firstRow: UInt32 = 0
    var rows: [UInt32] = []
    for group in groups {
      rows += deletions.slice(tail.groups[group].rows).map { $0 + firstRow }
      firstRow += UInt32(tail.groups[group].header.rowCount)
    }
    return DeletionVector(rows)
  }
}

/// Opens segments.
public enum SegmentReader {
  /// The segment at `path`. Reads and checks its footer, nothing else: O(row groups).
  public static func open(_ path: String, fileSystem: any FileSystem) throws -> RowGroupFile {
    do {
      let file = try fileSystem.openFile(path)
      let byteCount = try file.byteCount()
      let footerEnd = byteCount - Segment.trailerByteCount
      guard footerEnd >= RowGroupFile.magic.count, try file.read(at: 0, count: 8) == RowGroupFile.magic else {
        throw CorruptionError("this is not a segment", offset: 0)
      }
      var trailer = ByteReader(try file.read(at: footerEnd, count: Segment.trailerByteCount))
      let length = Int(try trailer.readUInt32())
      let checksum = try trailer.readUInt32()
      try Segment.check(try trailer.readRaw(8), at: footerEnd)
      let footerStart = footerEnd - length
      guard footerStart >= RowGroupFile.magic.count else { throw CorruptionError("a footer claims \(length) bytes") }
      let footer = try file.read(at: footerStart, count: length)
      let actual = Checksum.crc32c(footer)
      guard actual == checksum else {
        throw CorruptionError("the footer has the checksum \(actual) instead of \(checksum)", offset: footerStart)
      }
      let (groups, origin) = try readFooter(footer, footerStart)
      return RowGroupFile(path: path, file: file, groups: groups, checksum: checksum, origin: origin)
    } catch let error as CorruptionError { throw error.withPath(path) }
  }

  private static func readFooter(
    _ footer: [UInt8], _ footerStart: Int
  ) throws(CorruptionError) -> ([(offset: Int, header: RowGroupHeader)], SegmentOrigin) {
    var reader = ByteReader(footer)
    var groups: [(offset: Int, header: RowGroupHeader)] = []
    var expected = RowGroupFile.magic.count
    for index in 0..<(try reader.readCount(of: "row groups")) {
      do throws(CorruptionError) {
        let offset = try reader.readNumber()
        let header = try RowGroupHeader(try reader.readBytes()[...])
        guard offset == expected else { throw CorruptionError("it begins at \(offset) instead of \(expected)") }
        groups.append((offset, header))
        expected += header.groupByteCount
      } catch { throw error.inside("footer, row group \(index)") }
    }
    let origin = try SegmentOrigin(from: &reader)
    guard reader.isAtEnd, expected == footerStart else {
      throw CorruptionError("the row groups end at \(expected), the footer begins at \(footerStart)")
    }
    return (groups, origin)
  }
}
