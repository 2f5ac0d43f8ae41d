public import Checkpoints
public import ColdStore
public import Columns

/// Where and how tables are stored.
public struct StorePlan: Sendable {
  public let directory: String
  public let fileSystem: any FileSystem
  /// Rows that are collected before a row group is written, unless a checkpoint comes first.
  public let rowGroupRows: Int
  public let segmentBytes: Int
  /// Whether writing has failed in this process: then no file is appended to that was open.
  public let distrustsTails: Bool

  public init(
    directory: String, fileSystem: any FileSystem, rowGroupRows: Int, segmentBytes: Int, distrustsTails: Bool = false
  ) {
    self.distrustsTails = distrustsTails
    self.directory = directory
    self.fileSystem = fileSystem
    self.rowGroupRows = rowGroupRows
    self.segmentBytes = segmentBytes
  }

  func path(_ relative: String) -> String { "\(directory)/\(relative)" }
}

/// The writing side of one table: rows in, row groups of one UTC day each into the tail, the tail into segments.
///
/// Rows become durable with `flush` and visible with the commit that names `state`.
public final class TableStore {
  /// Memory of collected rows, over all days, before the largest day's are written.
  private static let heldBytes = 64 << 20

  public let name: String
  public let schema: Schema
  private let timeColumn: Int?
  private let plan: StorePlan
  var segments: [SegmentReference]
  var deletions: [String: DeletionVector]
  private var tail: TailWriter?
  /// Row groups of the tail.
  private(set) var tailGroupCount = 0
  private var tailPath: String?
  /// Collected rows by day.
  private var pending: [Int64: PendingRows] = [:]
  /// Rows that the table was ever given, deleted and forgotten ones included.
  private var nextSequence: Int64
  /// Distinguishes this run's files from those of earlier ones.
  private var sequence: UInt64
  /// Whether rows stay in the files where they are, because somebody who reads them will name them so.
  package var isPinned = false

  /// Continues `state`, or begins an empty table. `sequence` is greater than that of any commit so far.
  ///
  /// The schema may have more columns than `state`: older rows have nulls there. Throws `DataDirectoryError` where it
  /// lacks one, or gives one another type.
  public init(
    name: String, schema: Schema, timeColumn: String?, plan: StorePlan, continuing state: TableState?, sequence: UInt64
  ) throws {
    if let problem = state.flatMap({ schema.problem(reading: $0.schema) }) {
      throw DataDirectoryError("table \(name) holds rows of other columns: \(problem)")
    }
    self.name = name
    self.schema = schema
    self.timeColumn = timeColumn.flatMap { schema.index(of: $0) }
    self.plan = plan
    self.sequence = sequence
    segments = state?.segments ?? []
    deletions = state?.deletions ?? [:]
    nextSequence = state?.nextSequence ?? 0
    if let reference = state?.tail { try continueTail(reference) }
  }

  /// Appends to the tail where it ends as it was committed. What is behind that was never committed, or is the footer
  /// of a segment that a backup may share: then the committed part goes on in a new file.
  private func continueTail(_ reference: TailReference) throws {
    let path = plan.path(reference.path)
    let isClean = try plan.fileSystem.byteCount(path) == reference.validLength
    tailGroupCount = try TailReader.open(
      path, validLength: reference.validLength, fileSystem: plan.fileSystem
    ).groups.count
    guard plan.distrustsTails || !isClean else {
      tailPath = reference.path
      tail = try TailWriter(
        continuing: path, validLength: reference.validLength, rowCount: reference.rowCount,
        fileSystem: plan.fileSystem)
      return
    }
    sequence += 1
    let next = "\(name)/rows-\(sequence)"
    tail = try TailWriter(
      creating: plan.path(next), copying: path, validLength: reference.validLength, rowCount: reference.rowCount,
      fileSystem: plan.fileSystem)
    tailPath = next
    deletions[next] = deletions.removeValue(forKey: reference.path)
  }

  /// What a commit says of the table. Call `flush` first.
  public var state: TableState {
    TableState(
      name: name, schema: schema, segments: segments,
      tail: tail.flatMap { tail in
        tailPath.map { TailReference(path: $0, validLength: tail.validLength, rowCount: tail.rowCount) }
      }, deletions: deletions, nextSequence: nextSequence)
  }

  /// The rows that are in no file yet, day by day. O(row groups they will be).
  package func unwrittenRows() -> [BatchSlice] {
    pending.keys.sorted().flatMap { pending[$0, default: PendingRows(schema)].slices() }
  }

  // MARK: - Append

  /// Adds `rows` of `batch`, all of them where nil.
  public func append(_ batch: Batch, rows: SelectionVector? = nil) throws {
    for (day, chosen) in rowsByDay(batch, rows) where !chosen.isEmpty {
      pending[day, default: PendingRows(schema)].append(BatchSlice(batch, rows: chosen))
      if let rowCount = pending[day]?.rowCount, rowCount >= plan.rowGroupRows { try writePending(day) }
    }
    while pending.values.reduce(0, { $0 + $1.heldBytes }) > TableStore.heldBytes,
      let largest = pending.max(by: { $0.value.heldBytes < $1.value.heldBytes })
    {
      try writePending(largest.key)
    }
  }

  private func rowsByDay(_ batch: Batch, _ rows: SelectionVector?) -> [(Int64, SelectionVector)] {
    let chosen = rows ?? SelectionVector(0..<UInt32(batch.rowCount))
    guard let timeColumn else { return [(0, chosen)] }
    let times = batch.integers(timeColumn).values
    var days: [(day: Int64, rows: SelectionVector)] = []
    var current = -1
    for row in chosen {
      let time = times[Int(row)]
      if current < 0 || time < days[current].day || time >= days[current].day + EventTime.day {
        let day = EventTime.floorDivide(time, EventTime.day) * EventTime.day
        current = days.firstIndex { $0.day == day } ?? days.count
        if current == days.count { days.append((day, [])) }
      }
      days[current].rows.append(row)
    }
    return days
  }

  private func writePending(_ day: Int64) throws {
    guard var rows = pending.removeValue(forKey: day), rows.rowCount > 0 else { return }
    let slices = rows.slices()
    let group = RowGroup.encode(table: name, day: day, firstSequence: nextSequence, slices)
    if let tail, tail.validLength + group.byteCount > plan.segmentBytes, tail.rowCount > 0, !isPinned { try cutTail() }
    try openTail().append(group)
    tailGroupCount += 1
    nextSequence += Int64(group.header.rowCount)
  }

  private func openTail() throws -> TailWriter {
    if let tail { return tail }
    sequence += 1
    let path = "\(name)/rows-\(sequence)"
    try plan.fileSystem.createDirectory(plan.path(name))
    let opened = try TailWriter(creating: plan.path(path), fileSystem: plan.fileSystem)
    tail = opened
    tailPath = path
    return opened
  }

  /// Makes all rows durable.
  public func flush() throws {
    for day in pending.keys.sorted() { try writePending(day) }
    try tail?.flush()
  }

  // MARK: - Segments

  /// Turns the tail into segments; the next rows begin a new tail.
  public func cut() throws {
    precondition(!isPinned, "somebody is reading \(name) who will name rows of its tail")
    try flush()
    try cutTail()
  }

  /// A tail of one day becomes a segment where it lies; one of several days is copied into segments of one day each.
  private func cutTail() throws {
    guard let tail, let tailPath else { return }
    let file = try TailReader.open(plan.path(tailPath), validLength: tail.validLength, fileSystem: plan.fileSystem)
    let timeColumnName = timeColumn.map { schema.fields[$0].name }
    if Set(file.groups.map(\.header.day)).count == 1 {
      segments.append(try SegmentWriter.finish(tail, file, path: tailPath, timeColumn: timeColumnName))
    } else {
      try copyByDay(file, tailPath, timeColumnName)
    }
    endTail()
  }

  private func endTail() {
    tail = nil
    tailPath = nil
    tailGroupCount = 0
  }

  private func copyByDay(_ file: RowGroupFile, _ tailPath: String, _ timeColumnName: String?) throws {
    sequence += 1
    let number = sequence
    let table = name
    let cuts = try SegmentWriter.cut(
      file, deletions: deletions[tailPath] ?? DeletionVector(), in: plan.directory, timeColumn: timeColumnName,
      maximumByteCount: plan.segmentBytes, fileSystem: plan.fileSystem
    ) { day, ordinal in "\(table)/\(EventTime.dateText(day))/segment-\(number)-\(ordinal)" }
    deletions[tailPath] = nil
    for cut in cuts {
      segments.append(cut.segment)
      if !cut.deletions.isEmpty { deletions[cut.segment.path] = cut.deletions }
    }
  }

  /// Forgets every row; the files go when no kept commit names them.
  public func clear() {
    sequence += 1
    segments = []
    deletions = [:]
    endTail()
    pending = [:]
  }

  /// Hides `rows` of the file at `path`, a path of `state`.
  public func delete(_ rows: [UInt32], in path: String) {
    guard !rows.isEmpty else { return }
    deletions[path] = (deletions[path] ?? DeletionVector()).union(DeletionVector(rows))
  }

  /// The reading side of all rows that were flushed.
  public func reader() -> TableReader {
    TableReader(state: state, directory: plan.directory, fileSystem: plan.fileSystem)
  }
}
