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
/// most about that many events are held at once, 48 bytes each, however large the table is.
struct FunnelScan: Sendable {
  /// The values of the column that groups units; 0 is null.
  let groupValues = SharedInterner()
  private let files: [(file: RowGroupFile, deleted: DeletionVector?, groups: [Int])]
  private let schema: Schema
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

  init(_ snapshot: Snapshot, job: Job, _ request: FunnelRequest, _ funnel: OrderedFunnel, times: Range<Int64>) throws {
    let names = EventSchema.names
    let session = job.settings.sessionMode == .given ? [names.session] : []
    keyColumns = (request.unit == .user ? [names.user] + session : session + [names.user]) + [names.eventIdentifier]
    groupBy = request.groupBy
    let wanted = [names.source, names.offset, names.eventTime, names.eventType] + keyColumns
    schema = Schema(EventSchema.table.fields.filter { wanted.contains($0.name) || $0.name == request.groupBy })
    types = job.types
    steps = funnel.steps
    self.times = times
    ranks = FunnelScan.ranks(snapshot.commit.sources)
    let table = try snapshot.table(TableNames.events)
    let inTime = times.isEmpty ? [] : [ZonePredicate.integers(column: names.eventTime, ClosedRange(times))]
    files = try table.files().map { path, file in
      (file, table.state.deletions[path], times.isEmpty ? [] : file.groups(matching: inTime))
    }
    let rowCount = files.reduce(0) { sum, file in
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

  /// What a pass reads.
  var statistics: ScanStatistics {
    var statistics = ScanStatistics()
    for (file, _, groups) in files {
      statistics.segments += 1
      statistics.rowGroups += groups.count
      statistics.rowGroupsPruned += file.groups.count - groups.count
      for group in file.groups { statistics.bytesPruned += group.header.groupByteCount }
      for header in groups.map({ file.groups[$0].header }) {
        statistics.rows += header.rowCount
        for (field, page) in zip(header.schema.fields, header.pages) where schema.index(of: field.name) != nil {
          statistics.bytes += page.storedByteCount
          statistics.bytesPruned -= page.storedByteCount
        }
      }
    }
    return statistics
  }

  /// The events of one share of the units, in parts: all of a unit are in one part, in no order. O(rows) on `workers`
  /// threads.
  func events(ofShare share: UInt64, workers: Int) throws -> [[FunnelEvent]] {
    let collections = (0..<max(workers, 1)).map { _ in FunnelParts() }
    let groups = files.indices.flatMap { file in files[file].groups.map { (file: file, group: $0) } }
    try ScanWorkers.run(groups.count, collections) { collection, index in
      let (file, deleted, _) = files[groups[index].file]
      let batch = try file.read(groups[index].group, as: schema)
      let visible = deleted?.visible(in: file.groups[groups[index].group].rows)
      append(batch, visible ?? SelectionVector(0..<UInt32(batch.rowCount)), share, to: collection)
    }
    return (0..<FunnelParts.count).map { part in
      var events = collections[0].parts[part]
      for other in collections.dropFirst() { events += other.parts[part] }
      return events
    }
  }

  /// Appends the events of `share` among `rows`.
  private func append(_ batch: Batch, _ rows: SelectionVector, _ share: UInt64, to collection: FunnelParts) {
    let columns = FunnelColumns(batch, keys: keyColumns, groupBy: groupBy)
    // 0 is no type that is configured.
    let codes = TextCodes.of(columns.types) { text in types.code(of: text).map { UInt64($0) + 1 } ?? 0 }
    let wanted = steps.reduce(0, |)
    for row in rows.map(Int.init) {
      let time = columns.times[row]
      guard times.contains(time), codes[row] > 0, wanted >> (codes[row] - 1) & 1 == 1 else { continue }
      let type = UInt8(codes[row] - 1)
      let unit = columns.unit(row)
      guard unit.high % shareCount == share else { continue }
      let isEntry = groupBy != nil && steps[0] >> UInt64(type) & 1 == 1
      let group = isEntry ? groupValues.withLock { columns.group(row, &$0) } : 0
      collection.append(
        FunnelEvent(
          unit: unit, time: time, source: ranks[columns.sources[row]] ?? .max, offset: columns.offsets[row], type: type,
          group: group))
    }
  }
}

/// Events by parts of the units, each small enough to be sorted inside the processor's caches.
///
/// `@unchecked Sendable`: one thread at a time has it, as `ScanWorkers` hands it out.
final class FunnelParts: @unchecked Sendable {
  static let count = 64
  fileprivate(set) var parts = [[FunnelEvent]](repeating: [], count: FunnelParts.count)

  func append(_ event: FunnelEvent) {
    parts[Int(truncatingIfNeeded: event.unit.low) & (FunnelParts.count - 1)].append(event)
  }
}

/// Texts that several threads give codes to.
final class SharedInterner: Sendable {
  private let interner = Mutex(Interner())

  func withLock<Result: Sendable>(_ body: (inout Interner) -> Result) -> Result { interner.withLock { body(&$0) } }

  /// The bytes behind `code`.
  func text(_ code: UInt32) -> [UInt8] { interner.withLock { Array(copying: $0.text(code)) } }
}

/// The columns of one batch by their roles.
private struct FunnelColumns {
  let sources, offsets, times: ColumnBuffer<Int64>
  let types: StringColumn
  private let keys: [StringColumn]
  private let groups: Column?

  init(_ batch: Batch, keys: [String], groupBy: String?) {
    func position(_ name: String) -> Int {
      guard let index = batch.schema.index(of: name) else { preconditionFailure("events were read without \(name)") }
      return index
    }
    let names = EventSchema.names
    sources = batch.integers(position(names.source)).values
    offsets = batch.integers(position(names.offset)).values
    times = batch.integers(position(names.eventTime)).values
    types = batch.strings(position(names.eventType))
    self.keys = keys.map { batch.strings(position($0)) }
    groups = groupBy.map { batch.columns[position($0)] }
  }

  /// The first key that the event has, hashed; the event's own identifier is the last resort.
  func unit(_ row: Int) -> Hash128 {
    for key in keys where key.views[row].length > 0 { return Hash.hash128(key.bytes(row)) }
    return Hash.hash128(Span())
  }

  func group(_ row: Int, _ values: inout Interner) -> UInt32 {
    guard let groups, !groups.isNull(row) else { return 0 }
    switch groups {
    case .string(let column): return values.intern(column.bytes(row))
    case .boolean(let column): return values.intern(column.values[row] == 1 ? Self.true.span : Self.false.span)
    case .integer, .real: return 0
    }
  }

  private static let `true` = Array("true".utf8)
  private static let `false` = Array("false".utf8)
}
