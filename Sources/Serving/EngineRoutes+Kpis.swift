internal import Commerce
internal import HotIndex
internal import Query
internal import Telemetry
internal import Windows

extension EngineRoutes {
  var kpis: [Route] { [latest, history, kpiStream] }

  var rollupParameter: HTTPParameter {
    HTTPParameter(
      "rollup", "One of \(rollupNames.joined(separator: ", ")); the first by default.", .choice(rollupNames))
  }

  private var rollupNames: [String] { view.job.rollupTables.map(\.rollup.name) }

  func rollup(_ query: HTTPQuery) throws(HTTPFailure) -> Rollup {
    let name = try query.choice("rollup", of: rollupNames)
    guard let table = view.job.rollupTables.first(where: { name == nil || $0.rollup.name == name }) else {
      throw .absent("no rollup is configured; add one under rollups")
    }
    return table.rollup
  }

  /// `/kpis/history`: the windows of a range, from memory and, where it begins before the oldest one there, the store.
  private var history: Route {
    Route(
      .get, "/kpis/history", "The windows of a range, ascending.",
      parameters: [
        rollupParameter,
        HTTPParameter(
          "minutes_back", "How far back from 'to' the range begins, in minutes; 60 by default.",
          .integer(1...HistoryRequest.minutesMax), example: "15"),
        HTTPParameter("from", "Where the range begins instead: a time. Ranges snap outward to windows.", .timeOrEpoch),
        HTTPParameter("to", "Where the range ends, exclusive: a time; just behind now by default.", .timeOrEpoch),
        HTTPParameter(
          "step",
          "Merges windows into longer ones: a multiple of the rollup's windows such as 15m. Counts and sums are "
            + "added, distinct things united; what cannot be united yet is null, and says why.", .duration,
          example: "15m"),
        HTTPParameter(
          "max_points",
          "Chooses the step: the shortest round one of which the range has no more, 1 to \(HistoryRequest.limitMax).",
          .integer(1...HistoryRequest.limitMax)),
        HTTPParameter(
          "group_by",
          "Columns of the rollup's groups to keep, as in 'geo_country,device_type', or none; the others are "
            + "merged."),
        HTTPParameter(
          "fill", "zero adds the windows in which nothing happened; none (default).", .choice(["none", "zero"])),
        HTTPParameter(
          "limit",
          "The most windows of an answer, 1 to \(HistoryRequest.limitMax), \(HistoryRequest.limitDefault) by default.",
          .integer(1...HistoryRequest.limitMax)),
        Moment.nowParameter, ReadMode.parameter,
      ]
    ) { request in
      if try ReadMode(request.query) == .committed {
        let rollup = try rollup(request.query)
        return committed(request.query) { snapshot, moment in
          let history = try HistoryRequest(request.query, rollup: rollup, moment: moment)
          return try historyAnswer(history, stored: try history.storedWindows(snapshot, job: view.job))
        }
      }
      let moment = try Moment(self, request.query)
      let history = try HistoryRequest(request.query, rollup: try rollup(request.query), moment: moment)
      guard history.needsStore else { return .now(try historyAnswer(history, stored: nil)) }
      return .later(on: stored.queue) {
        let stored = try stored.readIfCommitted { try history.storedWindows($0, job: view.job) } ?? nil
        return try historyAnswer(history, stored: stored)
      }
    }.answering(.json("The windows and how complete they are.", .history))
  }

  private func historyAnswer(_ request: HistoryRequest, stored: KpiRows?) throws(HTTPFailure) -> HTTPResponse {
    let windows = try request.windows(
      joining: stored, allowedLatenessMilliseconds: view.job.settings.allowedLatenessMilliseconds)
    let printer = KpiWindowJSON(request.shown, view.job.settings, request.moment.completeness)
    return .json { json in
      json.object { json in
        json.field("as_of", time: request.moment.asOf)
        json.field("rollup", request.shown.name)
        if case .tumbling(let step, _) = request.merging?.merge.step { json.field("step_ms", step) }
        json.field("from", time: request.snapped?.lowerBound)
        json.field("to", time: request.snapped?.upperBound)
        json.field("epoch", printer.completeness.epoch)
        json.field("count", windows.count)
        json.key("windows")
        json.array { json in
          for window in windows { json.object { printer.writeMembers(window, to: &$0) } }
        }
        printer.completeness.write(isProvisional: windows.contains(where: \.isProvisional), to: &json)
      }
    }
  }
}
