internal import Columns
internal import Commerce
internal import Query
internal import Telemetry

extension EngineRoutes {
  /// Answers from the newest commit with what `make` writes, one scan at a time. Equal questions within a second cost
  /// one scan.
  func scanned(
    _ request: HTTPRequest, _ make: @escaping @Sendable (Snapshot) throws -> [UInt8]
  ) -> HTTPAnswer {
    let question = EngineRoutes.question(request)
    if let bytes = answers.answer(to: question) { return .now(EngineRoutes.json(bytes)) }
    return .later(on: scans) {
      if let bytes = answers.answer(to: question) { return EngineRoutes.json(bytes) }
      let bytes = try stored.read(make)
      answers.keep(bytes, for: question)
      return EngineRoutes.json(bytes)
    }
  }

  /// What a request asks, the same for the same parameters in any order.
  static func question(_ request: HTTPRequest) -> String {
    let parameters = request.query.parameters.map { "\($0.name)=\($0.value)" }
    return ([request.path] + parameters.sorted()).joined(separator: "\n")
  }

  static func json(_ bytes: [UInt8]) -> HTTPResponse {
    HTTPResponse(contentType: "application/json", body: .bytes(bytes))
  }

  /// All rows that answer `query`, which asks for what there is; it may be too much.
  func rows(_ query: QueryRequest, _ snapshot: Snapshot) throws -> [[OutputValue]] {
    try table(query, snapshot).rows
  }

  /// The same with the names of the columns.
  func table(_ query: QueryRequest, _ snapshot: Snapshot) throws -> (columns: [String], rows: [[OutputValue]]) {
    do {
      let answer = try QueryAnswer(snapshot, job: view.job, query)
      var rows: [[OutputValue]] = []
      while let more = try answer.next() { rows += more }
      return (answer.columns, rows)
    } catch let error as QueryError where error.kind == .limit {
      throw HTTPFailure.badParameter(name: "from", "asks for too much: \(error.problem); take a shorter range")
    }
  }

  /// What is asked for by time: the last day by default.
  static let scannedMinutes: Int64 = 1440

  static let rangeParameters = [
    HTTPParameter("minutes_back", "How far back from 'to' the range begins, in minutes; 1440 by default.", .count),
    HTTPParameter("from", "Where the range begins instead: a time.", .timeOrEpoch),
    HTTPParameter("to", "Where the range ends, exclusive: a time; just behind now by default.", .timeOrEpoch),
  ]

  /// The members that answers from a commit have: as of when, and how complete.
  func writeCommitted(
    _ snapshot: Snapshot, asOf: Int64?, to json: inout JSONWriter, _ members: (inout JSONWriter) -> Void
  ) {
    let completeness = Completeness(view.status, snapshot.commit, asOf: asOf)
    json.object { json in
      json.field("as_of", time: asOf)
      members(&json)
      json.field("epoch", completeness.epoch)
      completeness.write(isProvisional: !completeness.hasEnded, to: &json)
    }
  }
}
