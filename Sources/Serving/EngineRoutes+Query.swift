internal import Commerce
internal import Dispatch
internal import Query
internal import Synchronization

extension EngineRoutes {
  /// Bytes of a query; even a thousand names are fewer.
  private static let queryBytesMax = 64 * 1024

  /// `POST /query`: what `riffle query` answers, from the commits.
  var query: Route {
    Route(
      .post, "/query", "Answers a query in JSON from the committed tables: measures by groups, plain rows, a funnel.",
      body: .upTo(bytesMax: EngineRoutes.queryBytesMax, types: ["application/json"])
    ) { request in
      let query = try EngineRoutes.reported { try QueryRequest(json: request.body) }
      return .later(on: queries) {
        let answer = try EngineRoutes.reported { try printer(query) }
        return try EngineRoutes.response(answer, on: queries)
      }
    }.answering(
      RouteAnswer(
        status: 200, "The rows, and what was read for them; as NDJSON or CSV the rows alone.",
        bodies: [("application/json", .queryAnswer), ("application/x-ndjson", .text()), ("text/csv", .text())]),
      .problem(503, "Nothing is committed yet."), taking: RouteBody(.query, example: JSONSchema.queryExample))
  }

  /// Everything that is not a plain row is computed here.
  private func printer(_ query: QueryRequest) throws -> QueryPrinter {
    try stored.read { newest in
      let snapshot =
        query.asOf == nil ? newest : try Snapshot(directory: newest.directory, asOf: query.asOf)
      return QueryPrinter(try QueryAnswer(snapshot, job: view.job, query))
    }
  }

  /// A short answer at once; a long one block by block, as the client takes it.
  private static func response(_ printer: QueryPrinter, on queue: DispatchQueue) throws -> HTTPResponse {
    let first = try printer.next() ?? []
    let second = try printer.next()
    var response = HTTPResponse(contentType: contentType(printer.answer.request.format))
    response.headers.append("Riffle-Epoch", String(printer.answer.epoch))
    if let second {
      let ready = Mutex([second, first])
      response.body = .stream(PulledBody(on: queue) { try ready.withLock { $0.popLast() } ?? printer.next() })
    } else {
      response.headers.append("Riffle-Read", String(decoding: printer.answer.statistics.json, as: UTF8.self))
      response.body = .bytes(first)
    }
    return response
  }

  private static func contentType(_ format: QueryFormat) -> String {
    switch format {
    case .json: "application/json"
    case .ndjson: "application/x-ndjson"
    case .csv: "text/csv; charset=utf-8"
    }
  }

  /// What `body` gives; what is wrong with the query is wrong with the request's body.
  private static func reported<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as QueryError {
      throw HTTPFailure.badBody(error.description)
    }
  }
}
