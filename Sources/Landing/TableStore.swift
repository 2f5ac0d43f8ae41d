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

  public init(directory: String, fileSystem: any FileSystem, rowGroupRows: Int, segmentBytes: Int) {
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
  /// Rows of one day in one batch that are worth a row group of their own; fewer are collected first.
  private static let directRows = 256

  public let name: String
  public let schema: Schema
  private let timeColumn: Int?
  private let plan: StorePlan
  private var segments: [SegmentReference]
  private var deletions: [String: DeletionVector]
  private var tail: TailWriter?
  private var tailPath: String?
  /// Collected rows by day.
  private var pending: [Int64: BatchBuilder] = [:]
  /// Distinguishes this run's files from those of earlier ones.
  private var sequence: UInt64

  /// Continues `state`, or begins an empty table. `sequence` is greater than that of any commit so far.
  public init(
    name: String, schema: Schema, timeColumn: String?, plan: StorePlan, continuing state: TableState?, sequence: UInt64
  ) throws {
    self.name = name
    self.schema = schema
    self.timeColumn = timeColumn.flatMap { schema.index(of: $0) }
    self.plan = plan
    self.sequence = sequence
    segments = state?.segments ?? []
    deletions = state?.deletions ?? [:]
    guard let reference = state?.tail else { return }
    tailPath = reference.path
    tail = try TailWriter(
      continuing: plan.path(reference.path), validLength: reference.validLength, rowCount: reference.rowCount,
      fileSystem: plan.fileSystem)
  }

  /// What a commit says of the table. Call `flush` first.
  public var state: TableState {
    TableState(
      name: name, schema: schema, segments: segments,
      tail: tail.flatMap { tail in
        tailPath.map { TailReference(path: $0, validLength: tail.validLength, rowCount: tail.rowCount) }
      }, deletions: deletions)
  }

  // MARK: - Append

  /// Adds `rows` of `batch`, all of them where nil.
  public func append(_ batch: Batch, rows: SelectionVector? = nil) throws {
    for (day, chosen) in rowsByDay(batch, rows) {
      if chosen.count >= TableStore.directRows {
        try write(RowGroup.encode(table: name, day: day, batch, rows: chosen))
      } else {
        try collect(batch, rows: chosen, day: day)
      }
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

  private func collect(_ batch: Batch, rows: SelectionVector, day: Int64) throws {
    var builder = pending.removeValue(forKey: day) ?? BatchBuilder(schema)
    builder.append(batch, rows: rows)
    if builder.rowCount >= plan.rowGroupRows || builder.textBytes >= 16 << 20 {
      try write(RowGroup.encode(table: name, day: day, builder.build()))
    } else {
      pending[day] = builder
    }
  }

  private func write(_ group: RowGroup) throws { try openTail().append(group) }

  private func openTail() throws -> TailWriter {
    if let tail { return tail }
    let path = "\(name)/tail-\(sequence)"
    try plan.fileSystem.createDirectory(plan.path(name))
    let opened = try TailWriter(creating: plan.path(path), fileSystem: plan.fileSystem)
    tail = opened
    tailPath = path
    return opened
  }

  /// Makes all rows durable.
  public func flush() throws {
    try writePending()
    try tail?.flush()
  }

  private func writePending() throws {
    for day in pending.keys.sorted() {
      guard var builder = pending.removeValue(forKey: day), builder.rowCount > 0 else { continue }
      try write(RowGroup.encode(table: name, day: day, builder.build()))
    }
  }

  // MARK: - Segments

  /// Turns the tail into segments, one or more a day; the next rows begin a new tail.
  public func cut() throws {
    try flush()
    guard let tail, let tailPath else { return }
    let file = try TailReader.open(plan.path(tailPath), validLength: tail.validLength, fileSystem: plan.fileSystem)
    sequence += 1
    let number = sequence
    let table = name
    let cuts = try SegmentWriter.cut(
      file, deletions: deletions[tailPath] ?? DeletionVector(), in: plan.directory,
      timeColumn: timeColumn.map { schema.fields[$0].name }, maximumByteCount: plan.segmentBytes,
      fileSystem: plan.fileSystem
    ) { day, ordinal in "\(table)/\(EventTime.dateText(day))/segment-\(number)-\(ordinal)" }
    deletions[tailPath] = nil
    for cut in cuts {
      segments.append(cut.segment)
      if !cut.deletions.isEmpty { deletions[cut.segment.path] = cut.deletions }
    }
    self.tail = nil
    self.tailPath = nil
  }

  /// Forgets every row; the files go when no kept commit names them.
  public func clear() {
    sequence += 1
    segments = []
    deletions = [:]
    tail = nil
    tailPath = nil
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
