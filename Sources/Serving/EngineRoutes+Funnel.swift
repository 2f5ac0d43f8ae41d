internal import Commerce
internal import Query
internal import Telemetry

extension EngineRoutes {
  /// `/funnel/current`: how far those got who began in the last 24 hours.
  var funnel: Route {
    Route(
      .get, "/funnel/current",
      "How far users got along the steps: converted, dropped, pending; of those who began in the last 24 hours.",
      parameters: [
        HTTPParameter(
          "steps", "Event types, in order, with commas between; the configured funnel by default.",
          example: "page_view,add_to_cart,purchase"),
        HTTPParameter(
          "window", "The longest time from first to last step, such as 24h; as configured by default.", .duration,
          example: "24h"),
        HTTPParameter("by", "A column of events: each of its values is a funnel of its own.", example: "geo_country"),
        HTTPParameter("unit", "Who goes through: user (default) or session.", .choice(["user", "session"])),
        HTTPParameter("from", "Where chains may begin: a time; a day before 'to' by default.", .timeOrEpoch),
        HTTPParameter("to", "And before it: a time; just behind now by default.", .timeOrEpoch),
        HTTPParameter(
          "strict_increase", "true: each step must be later than the one before; false (default).",
          .choice(["true", "false"])),
        ReadMode.parameter,
      ]
    ) { request in
      let (mode, funnel) = (try ReadMode(request.query), try funnelRequest(request.query))
      return scanned(request, mode) { try funnelAnswer($0, funnel) }
    }.answering(.json("A row for each step, of each group.", .funnel), .problem(503, "Nothing is committed yet."))
  }

  private func funnelRequest(_ query: HTTPQuery) throws(HTTPFailure) -> FunnelRequest {
    var request = FunnelRequest(view.job.settings)
    if let steps = query.text("steps") {
      request.steps = steps.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    if let window = try query.durationMilliseconds("window") { request.windowMilliseconds = window }
    if let unit = try query.choice("unit", of: FunnelRequest.Unit.allCases.map(\.rawValue)) {
      request.unit = FunnelRequest.Unit(rawValue: unit) ?? request.unit
    }
    request.groupBy = query.text("by")
    (request.from, request.to) = (try query.time("from"), try query.time("to"))
    request.isStrictlyIncreasing = try query.choice("strict_increase", of: ["true", "false"]) == "true"
    do throws(FunnelRequestError) {
      try request.check(view.job)
    } catch {
      let isOfTimes = error.unknown == nil && request.steps.count >= 2
      let name = isOfTimes ? "from" : error.unknown != nil && error.unknown == request.groupBy ? "by" : "steps"
      let hint = error.unknown.map { NearestName.hint($0, among: error.known) } ?? ""
      throw .badParameter(name: name, "is refused: \(error)\(hint)")
    }
    return request
  }

  private func funnelAnswer(_ snapshot: Snapshot, _ request: FunnelRequest) throws -> [UInt8] {
    let report = try FunnelReport(snapshot, job: view.job, request)
    let completeness = Completeness(view.status, snapshot, asOf: report.asOf)
    var json = JSONWriter()
    json.object { json in
      json.field("as_of", time: report.asOf)
      json.field("from", time: report.entries.lowerBound)
      json.field("to", time: report.entries.upperBound)
      json.field("window_ms", request.windowMilliseconds)
      json.field("unit", request.unit.rawValue)
      json.field("group_by", request.groupBy)
      json.key("steps")
      json.array { json in
        for row in report.rows {
          json.object { json in
            for (name, value) in zip(report.columns, row) { json.field(name, value) }
          }
        }
      }
      json.field("epoch", completeness.epoch)
      completeness.write(isProvisional: !completeness.hasEnded, to: &json)
    }
    return json.bytes
  }
}
