internal import Checkpoints
internal import ColdStore
internal import Columns
internal import Commerce
internal import Ingest
internal import Landing
internal import Windows

/// Reads from the stored events what a funnel needs: those that match a step, inside some range of event time.
///
/// Touches only the columns it needs, of the row groups that overlap the range. Where those have more rows than
/// `maximumBufferedEvents`, units are split into shares by their hash, and each share is read in a pass of its own: at
/// most about that many events are held at once, 48 bytes each, however large the table is.
struct FunnelScan {
  /// The values of the column that groups units; 0 is null.
  private(set) var groupValues = Interner()
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

  /// The events of one share of the units, in no order. O(rows).
  mutating func events(ofShare share: UInt64) throws -> [FunnelEvent] {
    var events: [FunnelEvent] = []
    for (file, deleted, groups) in files {
      for index in groups {
        let batch = try file.read(index, as: schema)
        let rows = deleted?.visible(in: file.groups[index].rows) ?? SelectionVector(0..<UInt32(batch.rowCount))
        append(batch, rows, share, to: &events)
      }
    }
    return events
  }

  /// Appends the events of `share` among `rows`.
  private mutating func append(_ batch: Batch, _ rows: SelectionVector, _ share: UInt64, to events: inout [FunnelEvent])
  {
    let columns = FunnelColumns(batch, keys: keyColumns, groupBy: groupBy)
    for row in rows.map(Int.init) {
      let time = columns.times[row]
      guard times.contains(time), let type = types.code(of: columns.types.bytes(row)),
        steps.contains(where: { $0 >> UInt64(type) & 1 == 1 })
      else { continue }
      let unit = columns.unit(row)
      guard unit.high % shareCount == share else { continue }
      let group = steps[0] >> UInt64(type) & 1 == 1 ? columns.group(row, &groupValues) : 0
      events.append(
        FunnelEvent(
          unit: unit, time: time, source: ranks[columns.sources[row]] ?? .max, offset: columns.offsets[row], type: type,
          group: group))
    }
  }
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
