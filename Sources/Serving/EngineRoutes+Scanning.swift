internal import ColdStore
internal import Columns
internal import Commerce
internal import Dispatch
internal import Landing
internal import Query
internal import Telemetry

extension EngineRoutes {
  /// Moments that may be gone before they are read, until we give up.
  private static let readAttempts = 3

  /// Answers with what `make` finds among all messages, one scan at a time. Equal questions within a second cost one
  /// scan.
  func scanned(
    _ request: HTTPRequest, _ mode: ReadMode, _ make: @escaping @Sendable (Snapshot) throws -> [UInt8]
  ) -> HTTPAnswer {
    let question = EngineRoutes.question(request)
    if let bytes = answers.answer(to: question) { return .now(EngineRoutes.json(bytes)) }
    return read(mode) { snapshot in
      if let bytes = answers.answer(to: question) { return EngineRoutes.json(bytes) }
      let bytes = try make(snapshot)
      answers.keep(bytes, for: question)
      return EngineRoutes.json(bytes)
    }
  }

  /// Answers with what `make` finds among all messages that have come; those of the newest commit alone, where that is
  /// asked for, or while none are taken. On the queue of scans.
  func read(_ mode: ReadMode, _ make: @escaping @Sendable (Snapshot) throws -> HTTPResponse) -> HTTPAnswer {
    guard mode == .latest else { return .later(on: scans) { try stored.read(make) } }
    return .later { promise in read(for: promise, attempt: 1, make) }
  }

  private func read(
    for promise: HTTPPromise, attempt: Int, _ make: @escaping @Sendable (Snapshot) throws -> HTTPResponse
  ) {
    view.present { present in
      scans.async {
        let result = Result { try present.map { try stored.read($0, make) } ?? stored.read(make) }
        if case .failure(is FileError) = result, attempt < EngineRoutes.readAttempts {
          // A file that no commit names may be put into another before it is read.
          read(for: promise, attempt: attempt + 1, make)
        } else {
          promise.fulfill(result)
        }
      }
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

  /// The members that answers from messages have: as of when, and how complete.
  func writeRead(
    _ snapshot: Snapshot, asOf: Int64?, to json: inout JSONWriter, _ members: (inout JSONWriter) -> Void
  ) {
    let completeness = Completeness(view.status, snapshot, asOf: asOf)
    json.object { json in
      json.field("as_of", time: asOf)
      members(&json)
      json.field("epoch", completeness.epoch)
      completeness.write(isProvisional: !completeness.hasEnded, to: &json)
    }
  }
}
