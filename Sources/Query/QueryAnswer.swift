internal import Checkpoints
public import Commerce

/// The answer to a query, block by block.
///
///     let answer = try QueryAnswer(snapshot, job: job, try QueryRequest(json: bytes))
///     while let rows = try answer.next() { … }
///
/// Groups, ordered rows and funnels are computed when it is made; plain rows are read on the way. All files are opened
/// at once, so that the sweep of a later commit does not disturb it. Used by one thread at a time.
///
/// `@unchecked Sendable`: whoever pulls does so from one serial queue.
public final class QueryAnswer: @unchecked Sendable {
  public let request: QueryRequest
  public let columns: [String]
  /// The commit that was read.
  public let epoch: UInt64
  private var rows: [[OutputValue]] = []
  private var stream: RowStream?
  private var planned: ScanStatistics

  /// Answers `request` from `snapshot`, which is that of `request.asOf`: see `Snapshot.init(directory:asOf:)`.
  ///
  /// - Throws: `QueryError` where the request asks for what there is not, or for too much; errors of reading.
  public init(_ snapshot: Snapshot, job: Job, _ request: QueryRequest, limits: QueryLimits = QueryLimits()) throws {
    try snapshot.check(job)
    self.request = request
    epoch = snapshot.commit.epoch
    if let funnel = request.funnel {
      let report = try FunnelReport(snapshot, job: job, funnel, request)
      columns = report.columns
      rows = request.limit.map { Array(report.rows.prefix($0)) } ?? report.rows
      planned = report.statistics
      return
    }
    let table = try QueryTable(snapshot, job: job, request, limits)
    let plan = try QueryPlan(request, table)
    let (units, statistics) = try table.units(passing: plan.tests)
    planned = statistics
    switch plan.output {
    case .groups(let groups):
      columns = groups.columnNames
      let aggregation = try Aggregation.run(groups, tests: plan.tests, table, units, limits)
      rows = aggregation.rows(limit: plan.limit)
      planned.add(aggregation.statistics)
    case .rows(let selected) where selected.isOrdered:
      columns = selected.names
      let (sorted, statistics) = try OrderedRows.run(
        selected, tests: plan.tests, limit: plan.limit, table, units, limits)
      rows = sorted
      planned.add(statistics)
    case .rows(let selected):
      columns = selected.names
      stream = RowStream(selected, tests: plan.tests, limit: plan.limit, table, units)
    }
  }

  /// What was read so far: all of it after the last row.
  public var statistics: ScanStatistics {
    var statistics = planned
    if let stream { statistics.add(stream.statistics) }
    return statistics
  }

  /// The next rows, at least one; nil after the last.
  public func next() throws -> [[OutputValue]]? {
    if stream != nil { return try stream?.next() }
    guard !rows.isEmpty else { return nil }
    defer { rows = [] }
    return rows
  }
}

extension FunnelReport {
  /// The funnel of a query: of all times, unless the query says which.
  fileprivate init(_ snapshot: Snapshot, job: Job, _ funnel: QueryFunnel, _ query: QueryRequest) throws {
    var request = FunnelRequest(job.settings)
    request.steps = funnel.steps
    request.windowMilliseconds = funnel.windowMilliseconds ?? .max
    request.unit = funnel.unit
    request.isStrictlyIncreasing = funnel.isStrictlyIncreasing
    request.groupBy = funnel.groupBy
    request.from = query.from ?? 0
    request.to = query.to
    do {
      try self.init(snapshot, job: job, request)
    } catch let error as FunnelRequestError {
      throw QueryError("funnel", error.problem, unknown: error.unknown, among: error.known)
    }
  }
}
