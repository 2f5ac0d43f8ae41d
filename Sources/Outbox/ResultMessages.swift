internal import Checkpoints
internal import ColdStore
internal import Columns
internal import Commerce
internal import Landing
internal import Query
internal import Windows

/// Messages of KPI windows: whenever a window that the watermark has passed changes, its whole present value.
///
/// The store says what was sealed or came late; of windows that are live still the commit's own state of the merger
/// does. The value is that of the commit, so of two messages of one key and epoch it is the same.
struct ResultMessages: MessageSource {
  private let job: Job
  private var states: [LookState]
  private var appended: [AppendedRows]

  init(job: Job) {
    self.job = job
    states = job.rollupTables.map {
      LookState(
        shape: $0.rollup.shape, allowedLatenessMilliseconds: job.settings.allowedLatenessMilliseconds)
    }
    appended = job.rollupTables.map { _ in AppendedRows() }
  }

  var tables: [String] { job.rollupTables.map(\.rollup.name) }

  mutating func look(
    _ snapshot: Snapshot, from cursor: OutboxCursor, _ deliver: (OutboxChunk) throws -> Void
  ) throws {
    let merger = try snapshot.mergerState(job)
    let watermark = merger?.watermark ?? snapshot.commit.watermark
    for rollup in job.rollupTables.indices {
      let live = merger?.live.filter { $0.rollup == rollup } ?? []
      let look = RollupLook(
        job: job, rollup: rollup, snapshot: snapshot, live: live, watermark: watermark, state: states[rollup])
      try look.run(&appended[rollup], from: cursor.rows[tables[rollup]] ?? 0, deliver)
      states[rollup].finish(watermark: watermark, live: live)
    }
  }
}

/// One look at one rollup.
private struct RollupLook {
  let job: Job
  let rollup: Int
  let snapshot: Snapshot
  let live: [MergerState.Live]
  let watermark: Int64
  let state: LookState

  private var table: RollupTable { job.rollupTables[rollup] }
  private var name: String { table.rollup.name }

  /// Stored rows from sequence number `first` on, then what is live. In memory: one row group, and the windows of a
  /// chunk.
  func run(
    _ appended: inout AppendedRows, from first: Int64, _ deliver: (OutboxChunk) throws -> Void
  ) throws {
    let reader = try snapshot.table(name)
    var wanted: Set<PaneKey<GroupValues>> = []
    for piece in try appended.pieces(of: reader, from: first) {
      let (batch, rows) = try piece.read(as: table.schema)
      for row in rows {
        let (key, value, kind) = try table.partial(batch, row: Int(row))
        wanted.formUnion(state.windows(changedBy: key, value, kind))
        guard wanted.count >= OutboxChunk.mostMessages else { continue }
        try send(wanted, through: piece.position(before: Int(row) + 1), deliver)
        wanted = []
      }
    }
    for live in live {
      wanted.formUnion(state.windows(over: live, at: watermark))
      guard wanted.count >= OutboxChunk.mostMessages else { continue }
      try send(wanted, through: reader.state.nextSequence, deliver)
      wanted = []
    }
    try send(wanted, through: reader.state.nextSequence, deliver)
  }

  private func send(
    _ wanted: Set<PaneKey<GroupValues>>, through sequence: Int64, _ deliver: (OutboxChunk) throws -> Void
  ) throws {
    var chunk = OutboxChunk(rows: [name: sequence])
    // A day at a time: windows far apart would have all between them read.
    let days = Dictionary(grouping: wanted) { EventTime.floorDivide($0.pane.lowerBound, EventTime.day) }
    for (_, windows) in days.sorted(by: { $0.key < $1.key }) {
      let rows = try KpiRows(snapshot, job: job, rollup: name, only: Set(windows), live: live)
      let printer = RowPrinter(format: .ndjson, columns: ["rollup"] + rows.columns(withCompleteness: true))
      for row in rows.windows {
        guard let status = state.status(of: row, at: watermark) else { continue }
        var value: [UInt8] = []
        printer.append([.text(name)] + rows.values(row, status: status, withCompleteness: true), to: &value)
        value.removeLast()
        chunk.messages.append(OutboxMessage(key: ResultKey.bytes(name, row.group, row.window), value: value))
      }
    }
    try deliver(chunk)
  }
}
