package import Checkpoints
public import ColdStore
internal import Columns
internal import Encodings

/// What came of a merge: segments in the place of others.
public struct MergedSegments: Sendable {
  public let table: String
  public let dayMilliseconds: Int64
  public let replaced: [SegmentReference]
  /// Rows of the replaced segments that were left out, by path.
  let deletions: [String: DeletionVector]
  public fileprivate(set) var added: [SegmentReference] = []
}

/// Merges segments of one table and day, in steps that each take bounded time and memory.
///
/// Row groups are read until they fill the memory that a merge may use; then their rows are put in order and written as
/// row groups that Zstandard compresses; what is read next goes behind them, into the same segment until that is
/// complete. So what is sorted is what was in memory together; rows of one session that came far apart in time may be
/// in two runs. A step reads or writes the rows of about one row group, or sorts, so that whoever waits between steps
/// does not wait for long. Deleted rows are left out. No step changes what anybody reads.
package struct Merge {
  /// Rows are sorted so many at a time at most.
  private static let sortedRowsMax = 1 << 20
  /// Sorting rows and making row groups of them takes about as much memory as the rows themselves.
  private static let memoryPerSorted = 2

  private let table: CompactedTable
  private let rules: CompactionRules
  private let directory: String
  private let fileSystem: any FileSystem
  /// Names the new segments: relative to the directory, without their numbers.
  private let prefix: String
  private let origin: SegmentOrigin
  package private(set) var result: MergedSegments
  /// What was not read yet, the next last.
  private var rest: [Part]?
  /// Rows that were read and not sorted yet, behind those that were too few for the last row group.
  private var rows: BatchBuilder
  /// Whether a row group was read into `rows`: the first one is, however large it is.
  private var hasRead = false
  /// Rows in order, of which those from `written` on have not been written; nil while others are read.
  private var sorted: BatchSlice?
  private var written = 0
  private var writer: SegmentBuilder?
  private var firstSequence: Int64 = 0

  /// A row group of a replaced segment.
  private struct Part {
    let file: RowGroupFile
    let index: Int
    let visible: SelectionVector?
    let minimumTime: Int64

    var header: RowGroupHeader { file.groups[index].header }
  }

  /// - Parameter inputs: segments of `state`, of one day, at least one.
  package init(
    _ inputs: [SegmentReference], of state: TableState, _ table: CompactedTable, rules: CompactionRules,
    prefix: String, directory: String, fileSystem: any FileSystem
  ) {
    self.table = table
    self.rules = rules
    self.prefix = prefix
    self.directory = directory
    self.fileSystem = fileSystem
    rows = BatchBuilder(table.schema)
    let paths = inputs.map(\.path)
    origin = SegmentOrigin(
      level: (inputs.map(\.level).max() ?? 0) + 1, sequenceEnd: inputs.map(\.sequenceEnd).max() ?? 0,
      order: table.arrangement.order, sources: paths)
    result = MergedSegments(
      table: table.name, dayMilliseconds: inputs[0].dayMilliseconds, replaced: inputs,
      deletions: state.deletions.filter { paths.contains($0.key) })
  }

  /// Does the next part of the work; false when nothing is left and `result` is complete.
  package mutating func step() throws -> Bool {
    if rest == nil { try open() }
    if let sorted {
      try write(sorted)
    } else if try !read() {
      try sort()
    }
    guard sorted == nil, rows.rowCount == 0, rest?.isEmpty ?? true else { return true }
    try complete()
    return false
  }

  /// Reads row groups with about as many rows as one that is written; false where no other one fits into memory.
  private mutating func read() throws -> Bool {
    guard let first = rest?.last, !hasRead || fits(first) else { return false }
    var rowCount = 0
    while let part = rest?.last, rowCount < rules.rowGroupRows, !hasRead || fits(part) {
      let batch = try part.file.read(part.index, as: table.schema)
      rows.append(batch, rows: part.visible ?? Merge.all(batch))
      rest?.removeLast()
      hasRead = true
      rowCount += batch.rowCount
    }
    return true
  }

  private mutating func sort() throws {
    let slice = try table.arrangement.arrange(rows.build())
    (sorted, written, hasRead) = (slice.rowCount > 0 ? slice : nil, 0, false)
  }

  private mutating func open() throws {
    var parts: [Part] = []
    for segment in result.replaced {
      let file = try SegmentReader.open("\(directory)/\(segment.path)", fileSystem: fileSystem)
      for (index, group) in file.groups.enumerated() {
        var minimum = Int64.min
        if case .integers(let least, _)? = table.timeColumn.map({ group.header.zoneMap($0) }) { minimum = least }
        let deletions = rules.keepsDeletedRows ? nil : result.deletions[segment.path]
        let visible = deletions?.visible(in: group.rows)
        parts.append(Part(file: file, index: index, visible: visible, minimumTime: minimum))
      }
    }
    firstSequence = parts.map(\.header.firstSequence).min() ?? 0
    rest = parts.sorted {
      ($0.minimumTime, $0.header.firstSequence) > ($1.minimumTime, $1.header.firstSequence)
    }
  }

  /// Whether the rows of `part`, as large as those before, fit into memory with them.
  private func fits(_ part: Part) -> Bool {
    let count = rows.rowCount + part.header.rowCount
    return count <= Merge.sortedRowsMax
      && rows.heldBytes / max(1, rows.rowCount) * count <= rules.memoryBytes / Merge.memoryPerSorted
  }

  private static func all(_ batch: Batch) -> SelectionVector { SelectionVector(0..<UInt32(batch.rowCount)) }

  /// Writes the next row group. The last rows wait for those that are read next where they are too few for one.
  private mutating func write(_ slice: BatchSlice) throws {
    let range = written..<min(written + rules.rowGroupRows, slice.rowCount)
    let rows =
      slice.rows.map { SelectionVector($0[range]) }
      ?? SelectionVector(UInt32(range.lowerBound)..<UInt32(range.upperBound))
    written = range.upperBound
    if written == slice.rowCount { sorted = nil }
    if range.lowerBound > 0, range.count < rules.rowGroupRows, rest?.isEmpty == false {
      return self.rows.append(slice.batch, rows: rows)
    }
    let group = RowGroup.encode(
      table: table.name, day: result.dayMilliseconds, firstSequence: firstSequence, stage: .merged, slice.batch,
      rows: rows)
    firstSequence += Int64(rows.count)
    if let writer, writer.byteCount + group.byteCount > rules.segmentBytes { try complete() }
    try current().append(group)
  }

  private mutating func current() throws -> SegmentBuilder {
    if let writer { return writer }
    let path = "\(prefix)\(result.added.count)"
    let opened = try SegmentBuilder(path, in: directory, fileSystem: fileSystem)
    writer = opened
    return opened
  }

  private mutating func complete() throws {
    guard let writer else { return }
    result.added.append(try writer.finish(origin, timeColumn: table.timeColumn))
    self.writer = nil
  }
}
