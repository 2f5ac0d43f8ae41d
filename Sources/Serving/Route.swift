/// One line of the table of what a server answers: dispatch, refusals and documentation follow from it.
///
///     Route(.get, "/sessions/{id}", "One session by its id.", parameters: [.init("read", "latest or committed")]) {
///       request in .now(try session(request.pathParameters["id"]))
///     }
public struct Route: Sendable {
  /// Runs on the server's only thread and must not wait for anything: no file, no lock that is held long. What could
  /// wait answers `later`. What it throws becomes a problem; see `HTTPProblem`.
  public typealias Handler = @Sendable (HTTPRequest) throws -> HTTPAnswer

  public let method: HTTPMethod
  /// Segments that are matched as they are, and `{names}` that match any one segment.
  public let path: String
  /// One sentence for people.
  public let summary: String
  public let parameters: [HTTPParameter]
  public let body: HTTPBodyRule
  /// What the key of a request must allow; nil where everybody may ask.
  public let scope: HTTPScope?
  public let handler: Handler
  /// How it answers, beside the errors that every route can answer with; see `answering`.
  public internal(set) var answers: [RouteAnswer] = []
  var documentedBody: RouteBody?

  public init(
    _ method: HTTPMethod, _ path: String, _ summary: String, parameters: [HTTPParameter] = [],
    body: HTTPBodyRule = .none, scope: HTTPScope? = .read, handler: @escaping Handler
  ) {
    self.method = method
    self.path = path
    self.summary = summary
    self.parameters = parameters
    self.body = body
    self.scope = scope
    self.handler = handler
  }
}

/// A parameter of a route.
public struct HTTPParameter: Sendable, Equatable {
  public enum Place: String, Sendable {
    case query
    /// One of the `{names}` of the path.
    case path
    case header
  }

  public let name: String
  /// What it means and what it can be, in one sentence.
  public let summary: String
  public let isRepeatable: Bool
  /// What its value can be, for documentation; the handler checks it.
  public let schema: JSONSchema
  public let example: String?
  public let place: Place

  public init(
    _ name: String, _ summary: String, isRepeatable: Bool = false, _ schema: JSONSchema = .text(),
    example: String? = nil, in place: Place = .query
  ) {
    self.name = name
    self.summary = summary
    self.isRepeatable = isRepeatable
    self.schema = schema
    self.example = example
    self.place = place
  }
}

/// The body that a route takes.
public enum HTTPBodyRule: Sendable, Equatable {
  case none
  /// At most `bytesMax` bytes of one of these media types, without their parameters (`application/json`).
  case upTo(bytesMax: Int, types: [String])

  var bytesMax: Int {
    switch self {
    case .none: 0
    case .upTo(let bytesMax, _): bytesMax
    }
  }

  /// Refuses a body that is compressed or of another type; one whose type is not said is taken.
  func check(_ headers: HTTPHeaders) throws(HTTPFailure) {
    guard case .upTo(_, let types) = self else { return }
    let type = headers["Content-Type"]?.prefix { $0 != ";" && $0 != " " }
    let isKnown = type.map { type in types.contains { HTTPHeaders.isSame($0, String(type)) } } ?? true
    let coding = headers["Content-Encoding"] ?? "identity"
    guard isKnown, HTTPHeaders.isSame(coding, "identity") else { throw .unsupportedMediaType(accepted: types) }
  }
}
