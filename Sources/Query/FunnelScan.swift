internal import Checkpoints
internal import ColdStore
internal import Columns
internal import Commerce
internal import Encodings
internal import Ingest
internal import Landing
internal import Synchronization
internal import Windows

/// Reads from the stored events what a funnel needs: those that match a step, inside some range of event time.
///
/// Touches only the columns it needs, of the row groups that overlap the range. Where those have more rows than
/// `maximumBufferedEvents`, units are split into shares by their hash, and each share is read in a pass of its own: at
/// most about that many events are held at once, 32 bytes each, however large the table is.
struct FunnelScan: Sendable {
  /// The values of the column that groups units; 0 is null.
  let groupValues = SharedInterner()
  private let files: [(file: RowGroupFile, deleted: DeletionVector?, groups: [Int])]
  private let types: EventTypes
  private let steps: [UInt64]
  private let times: Range<Int64>
  /// The columns that may name the unit, the best first.
  private let keyColumns: [String]
  private let groupBy: String?
  /// The sources' ranks by topic and partition.
  private let ranks: [Int64: Int32]
  /// How many passes it takes.
  let shareCount: UInt64
  /// Rows of the row groups to be read.
  private let rowCount: Int

  init(_ snapshot: Snapshot, job: Job, _ request: FunnelRequest, _ funnel: OrderedFunnel, times: Range<Int64>) throws {
    let names = EventSchema.names
    let session = job.settings.sessionMode == .given ? [names.session] : []
    keyColumns = (request.unit == .user ? [names.user] + session : session + [names.user]) + [names.eventIdentifier]
    groupBy = request.groupBy
    types = job.types
    steps = funnel.steps
    self.times = times
    ranks = FunnelScan.ranks(snapshot.commit.sources)
    let table = try snapshot.table(TableNames.events)
    let inTime = times.isEmpty ? [] : [ZonePredicate.integers(column: names.eventTime, ClosedRange(times))]
    files = try table.files().map { path, file in
      (file, table.state.deletions[path], times.isEmpty ? [] : file.groups(matching: inTime))
    }
    rowCount = files.reduce(0) { sum, file in
      file.groups.reduce(sum) { $0 + file.file.groups[$1].header.rowCount }
    }
    shareCount = UInt64((rowCount - 1) / max(request.maximumBufferedEvents, 1) + 1)
  }

  private static func ranks(_ sources: [SourceState]) -> [Int64: Int32] {
    let sorted = sources.sorted { left, right in
      if left.topic != right.topic { return left.topic.utf8.lexicographicallyPrecedes(right.topic.utf8) }
      return (left.partition, left.id) < (right.partition, right.id)
    }
    return Dictionary(uniqueKeysWithValues: sorted.enumerated().map { (Int64($1.id), Int32($0)) })
  }

  /// What there is to read; `bytes` are those of a pass.
  func statistics(bytes: Int) -> ScanStatistics {
    var statistics = ScanStatistics()
    statistics.bytes = bytes
    statistics.bytesPruned = -bytes
    for (file, _, groups) in files {
      statistics.segments += 1
      statistics.rowGroups += groups.count
      statistics.rowGroupsPruned += file.groups.count - groups.count
      for group in file.groups { statistics.bytesPruned += group.header.groupByteCount }
      for group in groups { statistics.rows += file.groups[group].header.rowCount }
    }
    return statistics
  }

  /// The events of one share of the units, in parts, each in a piece a worker: all of a unit are in one part, in no
  /// order. Also the bytes that were read. O(rows) on `workers` threads.
  func events(ofShare share: UInt64, workers: Int) throws -> (parts: [[FunnelPart]], bytesRead: Int) {
    let collections = (0..<max(workers, 1)).map { _ in
      FunnelParts(eventCount: rowCount / Int(shareCount) / max(workers, 1))
    }
    let groups = files.indices.flatMap { file in files[file].groups.map { (file: file, group: $0) } }
    try ScanWorkers.run(groups.count, collections) { collection, index in
      let (file, deleted, _) = files[groups[index].file]
      let visible = deleted?.visible(in: file.groups[groups[index].group].rows)
      var columns = FunnelColumns(file, groups[index].group)
      try add(&columns, visible ?? .all(columns.rowCount), share, to: collection)
    }
    let parts = (0..<FunnelParts.count).map { part in collections.map { $0.parts[part] } }
    return (parts, collections.reduce(0) { $0 + $1.bytesRead })
  }

  /// Adds the events of `share` among `rows`: rows that match no step, or lie outside the range, leave first.
  private func add(
    _ columns: inout FunnelColumns, _ rows: SelectionVector, _ share: UInt64, to collection: FunnelParts
  ) throws {
    let names = EventSchema.names
    let wanted = steps.reduce(0, |)
    // 0 is a type of no step.
    let typeTexts = try columns.texts(names.eventType)
    let types = TextCodes.of(typeTexts) { text in
      self.types.code(of: text).map { wanted >> UInt64($0) & 1 == 1 ? UInt64($0) + 1 : 0 } ?? 0
    }
    var rows = rows.filter { types[Int($0)] > 0 }
    let times = try columns.integers(names.eventTime)
    rows = rows.filter { self.times.contains(times[Int($0)]) }
    defer { collection.bytesRead += columns.bytesRead }
    guard !rows.isEmpty else { return }
    let units = try FunnelUnits(of: rows, keys: keyColumns) { try columns.texts($0) }
    let sources = try columns.integers(names.source)
    let offsets = try columns.integers(names.offset)
    let groups = try groupCodes(rows, &columns)
    var (source, rank): (Int64?, Int32) = (nil, .max)
    collection.add(rows.count, units: units.hashes, share: share, of: shareCount) { position in
      let row = Int(rows[position])
      if sources[row] != source { (source, rank) = (sources[row], ranks[sources[row]] ?? .max) }
      return FunnelEvent(
        time: times[row], offset: offsets[row], source: rank, unit: units.numbers[position],
        group: groups.isEmpty ? 0 : groups[position], type: UInt8(types[row] - 1))
    }
  }

  /// By the position of a row the code of its group; none where units are not grouped.
  private func groupCodes(_ rows: SelectionVector, _ columns: inout FunnelColumns) throws -> [UInt32] {
    guard let groupBy else { return [] }
    let column = Gathering.column(try columns.column(groupBy), rows)
    switch column {
    case .string(let text):
      return TextCodes.of(text) { bytes in UInt64(groupValues.withLock { $0.intern(bytes) }) }
        .map(UInt32.init(truncatingIfNeeded:))
    case .boolean(let flags):
      let codes = groupValues.withLock { values in ["false", "true"].map { values.intern(Array($0.utf8).span) } }
      return rows.indices.map { flags.isNull($0) ? 0 : codes[Int(flags.values[$0])] }
    case .integer, .real: return [UInt32](repeating: 0, count: rows.count)
    }
  }
}

/// Texts that several threads give codes to.
final class SharedInterner: Sendable {
  private let interner = Mutex(Interner())

  func withLock<Result: Sendable>(_ body: (inout Interner) -> Result) -> Result { interner.withLock { body(&$0) } }

  /// The bytes behind `code`.
  func text(_ code: UInt32) -> [UInt8] { interner.withLock { Array(copying: $0.text(code)) } }
}

/// The columns of one row group, each read when it is asked for.
private struct FunnelColumns {
  private let file: RowGroupFile
  private let group: Int
  /// Stored bytes of what was read.
  private(set) var bytesRead = 0

  init(_ file: RowGroupFile, _ group: Int) {
    self.file = file
    self.group = group
  }

  var rowCount: Int { file.groups[group].header.rowCount }

  mutating func column(_ name: String) throws -> Column {
    guard let index = EventSchema.table.index(of: name) else { preconditionFailure("events have no column \(name)") }
    let header = file.groups[group].header
    bytesRead += header.schema.index(of: name).map { header.pages[$0].storedByteCount } ?? 0
    return try file.read(group, as: Schema([EventSchema.table.fields[index]])).columns[0]
  }

  mutating func integers(_ name: String) throws -> ColumnBuffer<Int64> {
    guard case .integer(let column) = try column(name) else { preconditionFailure("\(name) holds no integers") }
    return column.values
  }

  mutating func texts(_ name: String) throws -> StringColumn {
    guard case .string(let column) = try column(name) else { preconditionFailure("\(name) holds no text") }
    return column
  }
}
