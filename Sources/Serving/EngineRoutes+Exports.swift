internal import Checkpoints
internal import Columns
internal import Commerce
internal import Dispatch
internal import Landing
internal import Query
internal import Windows

extension EngineRoutes {
  /// What `riffle export` prints, of one commit, streamed at the client's pace.
  var exports: [Route] { [exportedEvents, exportedKpis, exportedSessions, exportedOrders, exportedDeadLetters] }

  private var exportedEvents: Route {
    exported("events", "Stored events by topic, partition and offset.", time: "'event_ts'")
  }

  private var exportedSessions: Route {
    exported("sessions", "Sessions, sealed and open, by key and start.", time: "their start")
  }

  private var exportedOrders: Route {
    exported("orders", "Orders that have a purchase, by order and time.", time: "their first purchase")
  }

  /// A table whose rows have a time.
  private func exported(_ table: String, _ summary: String, time column: String) -> Route {
    Route(
      .get, "/export/\(table)", summary,
      parameters: ExportAsking.timeParameters(table, column) + ExportAsking.parameters, scope: .export
    ) { request in
      try export(request) { query throws(HTTPFailure) in
        ExportRequest(table: table, times: try ExportAsking.times(query))
      }
    }.answering(ExportAsking.answer, ExportAsking.goneAnswer)
  }

  private var exportedKpis: Route {
    Route(
      .get, "/export/kpis", "The windows of a rollup by start and group, one row each.",
      parameters: [
        rollupParameter,
        HTTPParameter(
          "date", "A day as YYYY-MM-DD: windows that begin on it, in UTC or in the rollup's own zone.",
          .text(format: "date")),
      ] + ExportAsking.timeParameters("windows", "their start") + ExportAsking.parameters, scope: .export
    ) { request in
      try export(request) { query throws(HTTPFailure) in
        let rollup = try rollup(query)
        guard let date = query.text("date") else {
          return ExportRequest(table: rollup.name, times: try ExportAsking.times(query))
        }
        for name in ExportAsking.timeNames where query.text(name) != nil {
          throw .badParameter(name: name, "cannot be combined with 'date'; give one of them")
        }
        return ExportRequest(table: rollup.name, times: try ExportAsking.day(date, of: rollup.shape))
      }
    }.answering(ExportAsking.answer, ExportAsking.goneAnswer)
  }

  private var exportedDeadLetters: Route {
    Route(
      .get, "/export/dead_letters", "Messages that could not be taken, with their bytes, by partition and offset.",
      parameters: ExportAsking.parameters, scope: .export
    ) { request in
      try export(request) { _ in ExportRequest(table: "dead_letters") }
    }.answering(ExportAsking.answer, ExportAsking.goneAnswer)
  }

  private func export(
    _ request: HTTPRequest, _ tableOf: (HTTPQuery) throws(HTTPFailure) -> ExportRequest
  ) throws(HTTPFailure) -> HTTPAnswer {
    let wanted = try tableOf(request.query)
    let asking = try ExportAsking(request.query, acceptsGzip: request.headers.acceptGzip, for: wanted)
    let place = try desk.place()
    return .later(on: desk.queue) {
      let table = try asking.cursor.map(table) ?? stored.read { try ExportTable($0, job: view.job, wanted) }
      desk.keep(table)
      return try asking.response(table, on: desk.queue, place)
    }
  }

  /// The table that `cursor` is of: still open, or of a commit that is still kept.
  private func table(of cursor: ExportCursor) throws -> ExportTable {
    if let table = desk.table(of: cursor) { return table }
    do {
      let snapshot = try Snapshot(directory: stored.directory, asOf: .epoch(cursor.epoch))
      guard snapshot.commit.incarnation == cursor.incarnation else { throw ExportAsking.gone }
      return try ExportTable(snapshot, job: view.job, cursor.request)
    } catch is QueryError, is DataDirectoryError {
      throw ExportAsking.gone
    }
  }
}

/// What an export was asked for.
struct ExportAsking {
  static let limitMax: Int64 = 1_000_000_000
  static let timeNames = ["start_time", "end_time"]

  static let parameters = [
    HTTPParameter(
      "format", "ndjson (default), csv or parquet. gzip is used where Accept-Encoding allows it.",
      .choice(Export.Format.allCases.map(\.rawValue))),
    HTTPParameter(
      "limit",
      "The most rows of the answer. Where there are more, the header Riffle-Next-Cursor says where they begin.",
      .integer(1...limitMax)),
    HTTPParameter(
      "cursor",
      "Goes on from there, with rows of the same commit: Riffle-Next-Cursor of an answer, or its Riffle-Cursor, "
        + "where that answer itself began. Good for \(ExportDesk.leaseMinutes) minutes after it was used; 410 then.",
      HexDigits.schema),
    HTTPParameter(
      "skip",
      "Rows to leave out at the beginning: those that have arrived of an answer which broke off, with its "
        + "Riffle-Cursor.", .integer(0...limitMax)),
  ]

  static func timeParameters(_ rows: String, _ column: String) -> [HTTPParameter] {
    [
      HTTPParameter("start_time", "Of \(rows) those whose time, \(column), is at or after it: a time.", .timeOrEpoch),
      HTTPParameter("end_time", "And before it.", .timeOrEpoch),
    ]
  }

  static let answer = RouteAnswer(
    status: 200, "The rows of one commit, as 'riffle export' prints them.",
    bodies: [("application/x-ndjson", .text()), ("text/csv", .text()), ("application/vnd.apache.parquet", .text())])
  static let goneAnswer = RouteAnswer.problem(410, "The commit of the cursor is gone.")

  static let gone = HTTPFailure.gone(
    "the commit of this cursor is gone: cursors are good for \(ExportDesk.leaseMinutes) minutes after their last use, "
      + "while the server runs, and for the last few exports; begin again without 'cursor'")

  let cursor: ExportCursor?
  private let format: Export.Format
  private let isCompressed: Bool
  private let limit: Int?
  private let skip: Int

  init(_ query: HTTPQuery, acceptsGzip: Bool, for wanted: ExportRequest) throws(HTTPFailure) {
    let name = try query.choice("format", of: Export.Format.allCases.map(\.rawValue))
    format = name.flatMap(Export.Format.init(rawValue:)) ?? .ndjson
    // Parquet's pages are compressed already.
    isCompressed = acceptsGzip && format != .parquet
    limit = try query.integer("limit", in: 1...ExportAsking.limitMax).map(Int.init)
    skip = Int(try query.integer("skip", default: 0, in: 0...ExportAsking.limitMax))
    cursor = try ExportCursor(query, of: wanted)
  }

  static func times(_ query: HTTPQuery) throws(HTTPFailure) -> Range<Int64>? {
    let (start, end) = (try query.time("start_time"), try query.time("end_time"))
    guard start != nil || end != nil else { return nil }
    guard start ?? 0 < end ?? .max else {
      throw .badParameter(name: "end_time", "leaves nothing: it must be after 'start_time'")
    }
    return (start ?? 0)..<(end ?? .max)
  }

  /// The day `date`, in the zone that windows of `shape` are cut by.
  static func day(_ date: String, of shape: WindowShape) throws(HTTPFailure) -> Range<Int64> {
    let isDate = date.utf8.count == 10
    guard isDate, let midnight = EventTime.parse(dateOrTime: date), midnight >= 0 else {
      throw .badParameter(name: "date", "must be a day such as 2023-11-16, not '\(date.prefix(60))'")
    }
    guard case .calendar(_, let zone) = shape else { return midnight..<midnight + EventTime.day }
    return zone.day(Int(midnight / EventTime.day))
  }

  /// The answer, whose rows are read while it is sent. `place` is given back with its body.
  func response(_ table: ExportTable, on queue: DispatchQueue, _ place: ExportDesk.Place) throws -> HTTPResponse {
    var begin = cursor?.position ?? .first
    if skip > 0 { begin = try table.position(behind: skip, from: begin) ?? .last }
    let end = try limit.flatMap { try table.position(behind: $0, from: begin) }
    let stream = table.stream(format, from: begin, before: end)
    var response = HTTPResponse(contentType: contentType)
    response.headers.append("Riffle-Epoch", "\(table.incarnation).\(table.epoch).0")
    response.headers.append("Riffle-Cursor", ExportCursor(table, begin).text)
    if let end { response.headers.append("Riffle-Next-Cursor", ExportCursor(table, end).text) }
    let name = "\(table.request.table).\(format.rawValue)"
    response.headers.append("Content-Disposition", "attachment; filename=\"\(name)\"")
    if format != .parquet { response.headers.append("Vary", "Accept-Encoding") }
    let pull: PulledBody.Pull = { try withExtendedLifetime(place) { try stream.next() } }
    guard isCompressed, let gzip = Gzip() else {
      response.body = .stream(PulledBody(on: queue, pull: pull))
      return response
    }
    let blocks = GzippedBlocks(gzip, pull)
    response.headers.append("Content-Encoding", "gzip")
    response.body = .stream(PulledBody(on: queue) { try blocks.next() })
    return response
  }

  private var contentType: String {
    switch format {
    case .ndjson: "application/x-ndjson"
    case .csv: "text/csv; charset=utf-8"
    case .parquet: "application/vnd.apache.parquet"
    }
  }
}
