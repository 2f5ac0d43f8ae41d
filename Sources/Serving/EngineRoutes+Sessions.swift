internal import Columns
internal import Commerce
internal import Dispatch
internal import Query
internal import Telemetry
internal import Windows

extension EngineRoutes {
  /// Sessions that are listed of one key; the newest, if there are more.
  private static let sessionsOfKeyMax = 1000

  var sessions: [Route] { [activeSessions, session] }

  /// `/sessions/active`: those whose last event is younger than the gap that ends a session.
  private var activeSessions: Route {
    Route(
      .get, "/sessions/active", "The sessions that go on, those with the newest last events first.",
      parameters: [
        HTTPParameter(
          "limit", "The most sessions that are listed, 100 by default; all are counted.", .integer(0...1000)),
        Moment.nowParameter, ReadMode.parameter,
      ]
    ) { request in
      let limit = Int(try request.query.integer("limit", default: 100, in: 0...1000))
      let gap = view.job.settings.sessionRules.gapMilliseconds
      let moment = try Moment(self, request.query)
      if try ReadMode(request.query) == .committed {
        return committed(request.query) { snapshot, moment in
          let open = try moment.asOf.map { try committedSessions(snapshot, activeAfter: $0 - gap) }
          return try activeAnswer(open, limit, moment)
        }
      }
      guard let asOf = moment.asOf else { return .now(try activeAnswer(nil, limit, moment)) }
      return .later { promise in
        view.openSessions(activeAfter: asOf - gap, limit: limit) { open in
          promise.fulfill(Result { try activeAnswer(open, limit, moment) })
        }
      }
    }.answering(.json("How many there are, and the newest.", .activeSessions(view.job.keyed.sessionTable)))
  }

  private func activeAnswer(_ open: OpenSessionRows?, _ limit: Int, _ moment: Moment) throws -> HTTPResponse {
    let rows = open.map { SessionRows($0.rows, job: view.job) }
    let newestFirst = rows.map { rows in
      (0..<rows.count).sorted { rows.bounds($0).upperBound > rows.bounds($1).upperBound }.prefix(limit)
    }
    return try .json { json throws in
      try json.object { json throws in
        json.field("as_of", time: moment.asOf)
        json.field("epoch", moment.completeness.epoch)
        json.field("gap_ms", view.job.settings.sessionRules.gapMilliseconds)
        json.field("count", open?.count ?? 0)
        json.key("sessions")
        try json.array { json throws in
          guard let rows, let newestFirst else { return }
          for index in newestFirst { try SessionView(rows: rows, index: index, state: "open").write(to: &json) }
        }
        moment.completeness.write(isProvisional: !moment.completeness.hasEnded, to: &json)
      }
    }
  }

  /// `/sessions/{id}`: all sessions of one key, sealed and open.
  private var session: Route {
    Route(
      .get, "/sessions/{id}", "The sessions of one id, sealed and open, by their start; the newest 1000.",
      parameters: [HTTPParameter("id", "The session's id.", example: "s_7a3b1e2f", in: .path), ReadMode.parameter]
    ) { request in
      let identifier = request.pathParameters["id"] ?? ""
      let moment = try Moment(self, request.query)
      if try ReadMode(request.query) == .committed {
        return committed(request.query) { snapshot, moment in
          let stored = try storedSessions(snapshot, Array(identifier.utf8), isOpen: false)
          let sessions = SessionView.joined(sealed: stored.sealed, open: stored.open.map { [$0] } ?? [])
          return try sessionAnswer(identifier, sessions, moment)
        }
      }
      return .later { promise in
        view.openSessions(of: Array(identifier.utf8)) { open in
          // The commit is read after the open sessions: what is sealed in between is found in one of them.
          stored.queue.async {
            promise.fulfill(Result { try sessionAnswer(identifier, SessionRows(open.rows, job: view.job), moment) })
          }
        }
      }
    }.answering(
      .json("Its sessions.", .sessionsOfOne(view.job.keyed.sessionTable)),
      .problem(404, "No session has this id."))
  }

  private func sessionAnswer(_ identifier: String, _ open: SessionRows, _ moment: Moment) throws -> HTTPResponse {
    let stored = try stored.readIfCommitted { try storedSessions($0, Array(identifier.utf8), isOpen: open.count > 0) }
    let sessions = SessionView.joined(sealed: stored?.sealed, open: (stored?.open).map { [open, $0] } ?? [open])
    return try sessionAnswer(identifier, sessions, moment)
  }

  private func sessionAnswer(
    _ identifier: String, _ sessions: [SessionView], _ moment: Moment
  ) throws -> HTTPResponse {
    guard !sessions.isEmpty else {
      throw HTTPFailure.absent(
        "no session has the id '\(identifier.prefix(60))'; /sessions/active lists those going on")
    }
    return try .json { json throws in
      try json.object { json throws in
        json.field("session_id", identifier)
        json.field("as_of", time: moment.asOf)
        json.field("epoch", moment.completeness.epoch)
        json.field("count", sessions.count)
        json.key("sessions")
        try json.array { json throws in
          for session in sessions.suffix(EngineRoutes.sessionsOfKeyMax) { try session.write(to: &json) }
        }
        moment.completeness.write(isProvisional: sessions.contains { $0.state == "open" }, to: &json)
      }
    }
  }

  /// What the newest commit has of a key. Its open sessions matter only where memory has none: one that was sealed a
  /// moment ago is in the next commit's table, and still open in this one.
  private func storedSessions(
    _ snapshot: Snapshot, _ key: [UInt8], isOpen: Bool
  ) throws -> (sealed: SessionRows, open: SessionRows?) {
    (
      try SessionRows(snapshot, job: view.job, sealedOf: key),
      isOpen ? nil : try SessionRows(snapshot, job: view.job, openOf: key)
    )
  }
}

/// One row of sessions, as it is answered.
private struct SessionView {
  let rows: SessionRows
  let index: Int
  let state: String

  var bounds: ClosedRange<Int64> { rows.bounds(index) }

  /// All rows by start. Sessions of a key never overlap: where they seem to, one was sealed meanwhile.
  static func joined(sealed: SessionRows?, open: [SessionRows]) -> [SessionView] {
    var views = sealed.map { all($0, "sealed") } ?? []
    for view in open.flatMap({ all($0, "open") }) where !views.contains(where: { $0.bounds.overlaps(view.bounds) }) {
      views.append(view)
    }
    return views.sorted { $0.bounds.lowerBound < $1.bounds.lowerBound }
  }

  private static func all(_ rows: SessionRows, _ state: String) -> [SessionView] {
    (0..<rows.count).map { SessionView(rows: rows, index: $0, state: state) }
  }

  func write(to json: inout JSONWriter) throws {
    let values = try rows.values(index)
    json.object { json in
      for (name, value) in zip(rows.columns, values) { json.field(name, value) }
      json.field("duration_ms", bounds.upperBound - bounds.lowerBound)
      json.field("state", state)
    }
  }
}
