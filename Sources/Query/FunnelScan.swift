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
  private let units: [ScanUnit]
  /// What there is to read, but for the bytes.
  private let planned: ScanStatistics
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
  /// Rows that may have to be held.
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
    (units, planned) = try FunnelScan.units(try snapshot.table(TableNames.events), times)
    rowCount = planned.rows
    shareCount = UInt64((rowCount - 1) / max(request.maximumBufferedEvents, 1) + 1)
  }

  /// What may hold an event of `times`, and how much that is.
  private static func units(
    _ table: TableReader, _ times: Range<Int64>
  ) throws -> (units: [ScanUnit], statistics: ScanStatistics) {
    let range = times.isEmpty ? nil : ClosedRange(times)
    let inTime = range.map { ZonePredicate.integers(column: EventSchema.names.eventTime, $0) }
    let selection = try table.groups(in: range) { inTime?.mayMatch($0) ?? false }
    let unwritten = times.isEmpty ? [] : table.unwritten
    var statistics = ScanStatistics(selection)
    statistics.rowGroups = selection.groups.count
    statistics.rows = selection.groups.reduce(0) { $0 + $1.header.rowCount } + unwritten.reduce(0) { $0 + $1.rowCount }
    let units = selection.groups.map(ScanUnit.Rows.stored) + unwritten.map(ScanUnit.Rows.inMemory)
    return (units.map(ScanUnit.init), statistics)
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
    var statistics = planned
    statistics.bytes += bytes
    statistics.bytesPruned -= bytes
    return statistics
  }

  /// The events of one share of the units, in parts, each in a piece a worker: all of a unit are in one part, in no
  /// order. Also the bytes that were read. O(rows) on `workers` threads.
  func events(ofShare share: UInt64, workers: Int) throws -> (parts: [[FunnelPart]], bytesRead: Int) {
    let collections = (0..<max(workers, 1)).map { _ in
      FunnelParts(eventCount: rowCount / Int(shareCount) / max(workers, 1))
    }
    try ScanWorkers.run(units.count, collections) { collection, index in
      var columns = FunnelColumns(units[index])
      try add(&columns, units[index].visible, share, to: collection)
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
    if !columns.isWhole(names.eventTime, in: self.times) { rows = rows.filter { self.times.contains(times[Int($0)]) } }
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

/// The columns of one unit, each read when it is asked for.
private struct FunnelColumns {
  private let unit: ScanUnit
  /// Stored bytes of what was read.
  private(set) var bytesRead = 0

  init(_ unit: ScanUnit) { self.unit = unit }

  /// Whether all values of the column `name` are known to lie in `range`.
  func isWhole(_ name: String, in range: Range<Int64>) -> Bool {
    guard case .stored(let group) = unit.rows, case .integers(let least, let greatest) = group.header.zoneMap(name)
    else { return false }
    return range.contains(least) && range.contains(greatest)
  }

  mutating func column(_ name: String) throws -> Column {
    bytesRead += unit.storedByteCount(of: name)
    return try unit.column(name)
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
