internal import Commerce

extension EngineRoutes {
  private static let intervals: ClosedRange<Int64> = 100...60_000
  private static let intervalDefault: Int64 = 1000
  private static let lastEventHeader = "Last-Event-ID"
  /// An epoch and a number are shorter by far.
  private static let eventIDBytesMax = 200

  /// `/stream/kpis`: a snapshot of the newest windows, then each change of them.
  var kpiStream: Route {
    Route(
      .get, "/stream/kpis", "The newest windows and each change of them, as server-sent events.",
      parameters: [
        rollupParameter,
        HTTPParameter(
          "interval", "How often changes are looked for, 100ms to 1m, 1s by default.", .duration, example: "1s"),
        HTTPParameter(
          "last_event_id",
          "The id of the last event that was seen, as the header Last-Event-ID has it: what came after it is sent "
            + "first, or a snapshot where that is not known any more."),
        HTTPParameter(EngineRoutes.lastEventHeader, "The same, as browsers send it.", in: .header),
      ]
    ) { request in
      let query = request.query
      let parameters = KpiStreams.Parameters(
        rollup: try rollup(query), intervalMilliseconds: try EngineRoutes.interval(query))
      let lastID = request.headers[EngineRoutes.lastEventHeader] ?? query.text("last_event_id")
      // Of another server or made up: such a client begins anew.
      let known = lastID.flatMap { $0.utf8.count <= EngineRoutes.eventIDBytesMax ? $0 : nil }
      let body = try streams.listen(parameters, after: known)
      var response = HTTPResponse(contentType: "text/event-stream", body: .stream(body))
      // Proxies that gather bytes would keep events from those who wait for them.
      response.headers.append("X-Accel-Buffering", "no")
      return .now(response)
    }.answering(
      RouteAnswer(
        status: 200, "Events 'snapshot' and 'change'; the data of each is a StreamEvent.",
        bodies: [("text/event-stream", .described("The data of an event.", .streamEvent))]),
      .problem(503, "Too many clients listen."))
  }

  private static func interval(_ query: HTTPQuery) throws(HTTPFailure) -> Int64 {
    let interval = try query.durationMilliseconds("interval") ?? intervalDefault
    guard intervals.contains(interval) else {
      throw .badParameter(name: "interval", "must be from 100ms to 1m, not '\(query.text("interval") ?? "")'")
    }
    return interval
  }
}
