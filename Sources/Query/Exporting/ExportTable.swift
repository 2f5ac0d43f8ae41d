internal import Checkpoints
public import Commerce
internal import Landing
internal import Windows

/// A table of one commit, opened to be exported: as a whole, or in parts that fit together.
///
///     let table = try ExportTable(snapshot, job: job, ExportRequest(table: "events"))
///     let stream = try table.stream(.ndjson)
///     while let block = try stream.next() { … }
///
/// As long as it is kept, its rows stay the same and can be read, whatever later commits sweep away.
public struct ExportTable: Sendable {
  private enum Rows: Sendable {
    case messages(LogRows)
    case sessions(SessionRows, [Int])
    case orders(OrderRows, [Int])
    case windows(KpiRows, [KpiWindow])
    case commits(CommitHistoryRows)
  }

  public let request: ExportRequest
  public let epoch: UInt64
  public let incarnation: UInt64
  private let rows: Rows
  private let fields: [QueryColumn]

  /// Opens a table, or merges its rows.
  ///
  /// - Throws: `DataDirectoryError` where there is no such table; errors of reading.
  public init(_ snapshot: Snapshot, job: Job, _ request: ExportRequest) throws {
    try snapshot.check(job)
    self.request = request
    epoch = snapshot.commit.epoch
    incarnation = snapshot.commit.incarnation
    switch request.table {
    case TableNames.events, TableNames.deadLetters:
      let isTimed = request.table == TableNames.events
      let messages = try LogRows(snapshot, table: request.table, times: isTimed ? request.times : nil)
      rows = .messages(messages)
      fields = messages.fields
    case TableNames.sessions:
      let sessions = try SessionRows(snapshot, job: job)
      let wanted = (0..<sessions.count).filter { request.wants(sessions.bounds($0).lowerBound) }
      rows = .sessions(sessions, wanted)
      fields = sessions.fields
    case TableNames.orders:
      let orders = try OrderRows(snapshot, job: job)
      rows = .orders(orders, (0..<orders.count).filter { request.wants(orders.time($0)) })
      fields = OrderRows.fields
    case TableNames.commits:
      let commits = try CommitHistoryRows(snapshot)
      rows = .commits(commits)
      fields = commits.fields
    default:
      let range = request.times.map { MergedRows.bounded(from: $0.lowerBound, to: $0.upperBound) }
      let windows = try KpiRows(snapshot, job: job, rollup: request.table, overlapping: range)
      rows = .windows(windows, windows.windows.filter { request.wants($0.window.lowerBound) })
      fields = windows.fields(withCompleteness: request.withCompleteness)
    }
  }

  /// The names of the printed columns.
  public var columns: [String] { fields.map(\.name) }

  /// Rows that are held in memory: none where they are read on the way.
  public var heldRowCount: Int {
    switch rows {
    case .messages: 0
    case .sessions(let sessions, _): sessions.count
    case .orders(let orders, _): orders.count
    case .windows(let rows, _): rows.windows.count
    case .commits(let commits): commits.count
    }
  }

  /// Where the row stands that has `count` rows before it from `first` on; nil where there are no more.
  public func position(behind count: Int, from first: ExportPosition = .first) throws -> ExportPosition? {
    let total: Int
    switch rows {
    case .messages(let messages): return try messages.position(behind: count, from: first)
    case .sessions(_, let wanted), .orders(_, let wanted): total = wanted.count
    case .windows(_, let windows): total = windows.count
    case .commits(let commits): total = commits.count
    }
    let number = ExportTable.index(first) + count
    return number < total ? ExportPosition(source: 0, number: Int64(number)) : nil
  }

  /// The rows at or after `first` and before `end`, as bytes. Only what begins with the first row has a header, so that
  /// parts can be put together.
  public func stream(
    _ format: Export.Format, from first: ExportPosition = .first, before end: ExportPosition? = nil
  ) -> ExportStream {
    let next: () throws -> [OutputValue]?
    switch rows {
    case .messages(let messages):
      var rows = LogRowsInOrder(messages, from: first, before: end)
      next = { try rows.next() }
    case .sessions(let sessions, let wanted):
      var left = ExportTable.part(wanted, first, end)
      next = { try left.popFirst().map(sessions.values) }
    case .orders(let orders, let wanted):
      var left = ExportTable.part(wanted, first, end)
      next = { left.popFirst().map(orders.values) }
    case .windows(let rows, let windows):
      var left = ExportTable.part(windows, first, end)
      let withCompleteness = request.withCompleteness
      next = { left.popFirst().map { rows.values($0, withCompleteness: withCompleteness) } }
    case .commits(let commits):
      var left = ExportTable.part(Array(0..<commits.count), first, end)
      next = { left.popFirst().map(commits.values) }
    }
    return ExportStream(ExportPrinter(fields, format, withHeader: first == .first), next)
  }

  private static func part<Row>(_ rows: [Row], _ first: ExportPosition, _ end: ExportPosition?) -> ArraySlice<Row> {
    rows[..<(end.map { min(rows.count, index($0)) } ?? rows.count)].dropFirst(index(first))
  }

  /// A position in memory; one from outside may be anything.
  private static func index(_ position: ExportPosition) -> Int {
    position.source < 0 ? 0 : Int(clamping: min(max(0, position.number), 1 << 40))
  }
}

/// Which rows of a table to export.
public struct ExportRequest: Sendable, Hashable {
  public var table: String
  /// Rows whose time is at or after the first and before the second: of events `event_ts`, of sessions `start`, of
  /// orders `ordered_at`, of windows `window_start`. All of them where nil.
  public var times: Range<Int64>?
  /// Add what depends on the order of arrival.
  public var withCompleteness = false

  public init(table: String, times: Range<Int64>? = nil) {
    self.table = table
    self.times = times
  }

  fileprivate func wants(_ time: Int64) -> Bool { times?.contains(time) ?? true }
}
