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
/// A step reads row groups until they fill the memory it may use, puts their rows in order and writes them as row
/// groups that Zstandard compresses; the next step goes on behind them, in the same segment until that is complete. So
/// what is sorted is what one step had in memory; rows of one session that came far apart in time may be in two runs.
/// Deleted rows are left out. No step changes what anybody reads.
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
  /// Rows that were read and are written with the next ones: fewer than a row group.
  private var rows: BatchBuilder
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
    var isFirst = true
    while let part = rest?.last, isFirst || fits(part) {
      let batch = try part.file.read(part.index, as: table.schema)
      rows.append(batch, rows: part.visible ?? Merge.all(batch))
      rest?.removeLast()
      isFirst = false
    }
    if rows.rowCount > 0 { try store(table.arrangement.arrange(rows.build())) }
    guard rest?.isEmpty ?? true else { return true }
    try complete()
    return false
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

  /// Writes row groups. The last rows wait for those of the next step where they are too few for one.
  private mutating func store(_ slice: BatchSlice) throws {
    for start in stride(from: 0, to: slice.rowCount, by: rules.rowGroupRows) {
      let range = start..<min(start + rules.rowGroupRows, slice.rowCount)
      let rows =
        slice.rows.map { SelectionVector($0[range]) } ?? SelectionVector(UInt32(start)..<UInt32(range.upperBound))
      if start > 0, range.count < rules.rowGroupRows, rest?.isEmpty == false {
        return self.rows.append(slice.batch, rows: rows)
      }
      let group = RowGroup.encode(
        table: table.name, day: result.dayMilliseconds, firstSequence: firstSequence, stage: .merged, slice.batch,
        rows: rows)
      firstSequence += Int64(rows.count)
      if let writer, writer.byteCount + group.byteCount > rules.segmentBytes { try complete() }
      try current().append(group)
    }
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
