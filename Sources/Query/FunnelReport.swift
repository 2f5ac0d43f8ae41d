internal import Checkpoints
internal import Columns
public import Commerce
internal import Windows

/// The ordered funnel of users or sessions (SEMANTICS §10), counted from the stored events: a function of those, the
/// watermark and the request alone.
///
///     let report = try FunnelReport(snapshot, job: job, FunnelRequest(job.settings))
///     let rows = report.rows  // one a step
public struct FunnelReport: Sendable {
  /// The units whose chains began with one value of `groupBy`; without that column, all of them.
  public struct Group: Sendable, Equatable {
    /// Nil for events that have none.
    public let value: [UInt8]?
    public let outcome: FunnelOutcome
  }

  public let request: FunnelRequest
  /// What "now" was: the greater of watermark and newest event; nil where nothing is stored.
  public let asOf: Int64?
  /// Nil before the first event and after the last.
  public let watermark: Int64?
  /// Where chains begin.
  public let entries: Range<Int64>
  /// By their value, the group without one first.
  public let groups: [Group]
  /// What was read of the table; where it takes several passes, once.
  public let statistics: ScanStatistics

  /// Reads the events of `snapshot` that `request` is about. O(rows in the range and the window behind it).
  ///
  /// - Throws: `FunnelRequestError` where the request asks for what there is not; errors of reading.
  public init(_ snapshot: Snapshot, job: Job, _ request: FunnelRequest) throws {
    let funnel = try request.funnel(job)
    let asOf = try snapshot.asOf()
    let end = request.to ?? max((asOf ?? 0) + 1, request.from ?? .min)
    let entries = (request.from ?? FunnelReport.sum(end, -EventTime.day))..<end
    // The last step may lie behind the entries; of no entries nothing need be read.
    let times = entries.lowerBound..<(entries.isEmpty ? end : FunnelReport.sum(end, request.windowMilliseconds))
    let scan = try FunnelScan(snapshot, job: job, request, funnel, times: times)
    var tally = FunnelTally(funnel: funnel, entries: entries, watermark: snapshot.commit.watermark)
    var bytesRead = 0
    for share in 0..<scan.shareCount {
      let events = try scan.events(ofShare: share, workers: Processors.count)
      if share == 0 { bytesRead = events.bytesRead }
      try tally.add(parts: events.parts, workers: Processors.count)
    }
    self.request = request
    self.asOf = asOf
    self.entries = entries
    watermark = snapshot.watermark
    statistics = scan.statistics(bytes: bytesRead)
    groups = FunnelReport.groups(tally, scan, isGrouped: request.groupBy != nil)
  }

  /// Whoever asks for the end of time gets the last that there is.
  private static func sum(_ time: Int64, _ duration: Int64) -> Int64 {
    let (sum, overflows) = time.addingReportingOverflow(duration)
    return overflows ? (duration < 0 ? .min : .max) : sum
  }

  private static func groups(_ tally: FunnelTally, _ scan: FunnelScan, isGrouped: Bool) -> [Group] {
    guard isGrouped else {
      let none = FunnelOutcome(stepCount: tally.funnel.steps.count)
      return [Group(value: nil, outcome: tally.outcomes[0] ?? none)]
    }
    return tally.outcomes.map { code, outcome in
      Group(value: code == 0 ? nil : scan.groupValues.text(code), outcome: outcome)
    }
    .sorted { left, right in
      guard let first = left.value, let second = right.value else { return right.value != nil }
      return first.lexicographicallyPrecedes(second)
    }
  }

  // MARK: - Rows

  /// The columns of a row: the group's where there is one, then what is said of a step. Times to convert are those of
  /// full chains, in milliseconds, and stand in the row of the last step.
  public var columns: [String] {
    (request.groupBy.map { [$0] } ?? []) + [
      "step", "name", "users", "converted", "dropped", "pending", "step_rate", "overall_rate",
      "time_to_convert_ms_p50", "time_to_convert_ms_p95",
    ]
  }

  /// A row a step, group by group.
  public var rows: [[OutputValue]] { groups.flatMap(rows) }

  /// `step_rate` is the share that took the next step, null for the last one; `overall_rate` the share of those at the
  /// first step that got here. Of nobody both are null.
  private func rows(_ group: Group) -> [[OutputValue]] {
    let counts = group.outcome.counts
    let users = request.steps.indices.map { Int128(counts.users(at: $0)) }
    let times = group.outcome.timesToConvertMilliseconds(percentiles: [50, 95])
    return request.steps.enumerated().map { step, name in
      let isLast = step + 1 == request.steps.count
      let label = request.groupBy == nil ? [] : [group.value.map(OutputValue.text) ?? .null]
      return label + [
        .integer(Int64(step + 1)), .text(name), .integer(Int64(users[step])), .integer(Int64(counts.converted[step])),
        .integer(Int64(counts.dropped[step])), .integer(Int64(counts.pending[step])),
        isLast ? .null : .ratio(users[step + 1], users[step]), .ratio(users[step], users[0]),
      ] + times.map { isLast ? $0.map(OutputValue.integer) ?? .null : .null }
    }
  }
}
