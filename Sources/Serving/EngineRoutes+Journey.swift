internal import Columns
internal import Query
internal import Telemetry

extension EngineRoutes {
  /// `/users/{id}/journey`: what one user did, in order.
  var journey: Route {
    Route(
      .get, "/users/{id}/journey", "What a user did, in the order of event time.",
      parameters: [
        HTTPParameter("id", "The user's user_id.", example: "u_1", in: .path),
        HTTPParameter("from", "Events at or after it: a time.", .timeOrEpoch),
        HTTPParameter("to", "And before it: a time.", .timeOrEpoch),
        HTTPParameter("limit", "The most events of an answer, 1 to 1000, 100 by default.", .integer(1...1000)),
        PlaceCursor.parameter,
        ReadMode.parameter,
      ]
    ) { request in
      let mode = try ReadMode(request.query)
      let asked = try JourneyRequest(user: request.pathParameters["id"] ?? "", request.query)
      return read(mode) { EngineRoutes.json(try journeyAnswer($0, asked)) }
    }.answering(
      .json("The user's events, the first first.", .journey), .problem(404, "There are none."),
      .problem(503, "Nothing is committed yet."))
  }

  private func journeyAnswer(_ snapshot: Snapshot, _ asked: JourneyRequest) throws -> [UInt8] {
    let (columns, events) = try table(asked.query, snapshot)
    let page = asked.page(events, columns)
    guard !page.events.isEmpty || asked.isLaterPage else {
      throw HTTPFailure.absent(
        "no event has the user_id '\(asked.user.prefix(60))' and lies in the range")
    }
    var json = JSONWriter()
    writeRead(snapshot, asOf: try snapshot.asOf(), to: &json) { json in
      json.field("user_id", asked.user)
      json.field("count", page.events.count)
      json.key("events")
      json.array { json in
        for event in page.events {
          json.object { json in
            for (name, value) in zip(columns, event) { json.field(name, value) }
          }
        }
      }
      json.field("next_cursor", page.next?.text)
    }
    return json.bytes
  }
}

/// What `/users/{id}/journey` was asked.
private struct JourneyRequest: Sendable {
  let user: String
  private let limit: Int
  private let from: Int64?
  private let to: Int64?
  private let cursor: PlaceCursor?

  init(user: String, _ query: HTTPQuery) throws(HTTPFailure) {
    self.user = user
    limit = Int(try query.integer("limit", default: 100, in: 1...1000))
    (from, to) = (try query.time("from"), try query.time("to"))
    cursor = try PlaceCursor(query)
  }

  var isLaterPage: Bool { cursor != nil }

  /// One event more than is shown, which tells whether there are more; and those of the cursor's time that were.
  var query: QueryRequest {
    var query = QueryRequest(table: "events")
    query.filters = [QueryFilter("user_id", .equal, .text(user))]
    query.from = [from, cursor?.key].compactMap { $0 }.max()
    query.to = to
    query.select = []
    query.order = [QueryOrder(EventTimeColumn.name)]
    query.limit = limit + 1 + (cursor?.sameKeyCount ?? 0)
    return query
  }

  func page(_ events: [[OutputValue]], _ columns: [String]) -> (events: [[OutputValue]], next: PlaceCursor?) {
    guard let time = columns.firstIndex(of: EventTimeColumn.name) else { return ([], nil) }
    let left = events.filter { event in
      guard let cursor, cursor.key == Self.integer(event[time]) else { return true }
      return cursor.isBefore(
        topic: event[0].text, partition: Self.integer(event[1]), offset: Self.integer(event[2]))
    }
    let page = Array(left.prefix(limit))
    guard left.count > limit, let last = page.last else { return (page, nil) }
    let key = Self.integer(last[time])
    let onPage = page.reduce(0) { $0 + (Self.integer($1[time]) == key ? 1 : 0) }
    let earlier = cursor.map { $0.key == key ? $0.sameKeyCount : 0 } ?? 0
    let next = PlaceCursor(
      key: key, sameKeyCount: onPage + earlier, topic: last[0].text, partition: Self.integer(last[1]),
      offset: Self.integer(last[2]))
    return (page, next)
  }

  private static func integer(_ value: OutputValue) -> Int64 {
    switch value {
    case .integer(let number), .time(let number): number
    default: 0
    }
  }
}

/// What events are ordered by.
private enum EventTimeColumn {
  static let name = "event_ts"
}
