internal import Columns
internal import Commerce
internal import HotIndex
internal import Query
internal import Telemetry
internal import Windows

extension EngineRoutes {
  /// `/kpis/latest`: the newest window in which anything happened.
  var latest: Route {
    Route(
      .get, "/kpis/latest", "The newest window in which anything happened.",
      parameters: [
        rollupParameter,
        HTTPParameter("status", "any (default) or final: which windows count.", .choice(["any", "final"])),
        HTTPParameter(
          "limit", "The most groups of a rollup that has them, 1 to 10000, 1000 by default.", .integer(1...10_000)),
        Moment.nowParameter, ReadMode.parameter,
      ]
    ) { request in
      let question = EngineRoutes.question(request)
      if let bytes = moments.answer(to: question) { return .now(EngineRoutes.json(bytes)) }
      let query = request.query
      let request = LatestRequest(
        rollup: try rollup(query), isFinal: try query.choice("status", of: ["any", "final"]) == "final",
        limit: Int(try query.integer("limit", default: 1000, in: 1...10_000)), moment: try Moment(self, query))
      if try ReadMode(query) == .committed {
        return committed(query) { snapshot, moment in
          var request = request
          request.moment = moment
          return latestAnswer(try request.checked(try request.storedWindows(snapshot, job: view.job)), request)
        }
      }
      let windows = request.hotWindows
      if let first = windows.first, !request.hot.hasHole(from: first.window.lowerBound) {
        let answer = latestAnswer(windows, request)
        if case .bytes(let bytes) = answer.body { moments.keep(bytes, for: question) }
        return .now(answer)
      }
      return .later(on: stored.queue) {
        let stored = try stored.readIfCommitted { try request.storedWindows($0, job: view.job) } ?? []
        let all = WindowSeries.joined(stored: stored, hot: windows)
        return latestAnswer(try request.checked(all.filter { $0.window == all.last?.window }), request)
      }
    }.answering(
      .json("The window, or its groups where the rollup has them.", .latest, example: JSONSchema.latestExample),
      .problem(404, "Nothing has happened yet."), .problem(503, "Nothing is committed yet."))
  }

  /// One window, or its groups. `windows` is not empty.
  private func latestAnswer(_ windows: [HotWindow], _ request: LatestRequest) -> HTTPResponse {
    let moment = request.moment
    let printer = KpiWindowJSON(request.rollup, view.job.settings, moment.completeness)
    let first = windows[0]
    return .json { json in
      json.object { json in
        if request.rollup.groupBy.isEmpty {
          printer.writeMembers(first, withPartitions: true, to: &json)
        } else {
          json.field("_id", time: first.window.lowerBound)
          printer.writeBounds(first.window, to: &json)
          json.field("count", windows.count)
          json.key("groups")
          json.array { json in
            for window in windows.prefix(request.limit) { json.object { printer.writeMembers(window, to: &$0) } }
          }
          printer.completeness.write(isProvisional: windows.contains(where: \.isProvisional), to: &json)
        }
        json.field("rollup", request.rollup.name)
        json.field("as_of", time: moment.asOf)
        json.field("epoch", moment.completeness.epoch)
      }
    }
  }
}

/// What `/kpis/latest` was asked.
private struct LatestRequest: Sendable {
  let rollup: Rollup
  let isFinal: Bool
  let limit: Int
  var moment: Moment

  private func isWanted(_ window: HotWindow) -> Bool { window.eventCount > 0 && !(isFinal && window.isProvisional) }

  var hot: HotRollup { moment.hot.rollups[rollup.name] ?? HotRollup() }

  var hotWindows: [HotWindow] { hot.latest(where: isWanted) }

  /// The newest windows of the store, however far back; looks eight times as far again and again.
  func storedWindows(_ snapshot: Snapshot, job: Job) throws -> [HotWindow] {
    guard let newest = try KpiRows.newestPaneStart(snapshot, job: job, rollup: rollup.name) else { return [] }
    var reach: Int64 = EventTime.minute
    while true {
      let start = max(0, newest - reach)
      let rows = try KpiRows(snapshot, job: job, rollup: rollup.name, overlapping: start..<newest + 1)
      let wanted = rows.windows.map(rows.hotWindow).filter(isWanted)
      if let last = wanted.last { return wanted.filter { $0.window == last.window } }
      guard start > 0 else { return [] }
      reach *= 8
    }
  }

  func checked(_ windows: [HotWindow]) throws(HTTPFailure) -> [HotWindow] {
    guard windows.isEmpty else { return windows }
    throw .absent("\(rollup.name) has no \(isFinal ? "final " : "")window yet; ask again when events have come")
  }
}
