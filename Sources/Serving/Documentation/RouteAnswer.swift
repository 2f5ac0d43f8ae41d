/// One way in which a route can answer, for those who read or check its documentation.
public struct RouteAnswer: Sendable {
  public let status: Int
  /// One sentence for people.
  public let summary: String
  /// What its body is, by media type; without parameters such as `charset`.
  public let bodies: [(type: String, schema: JSONSchema)]
  /// JSON of a body of the first type.
  public let example: String?

  public init(status: Int, _ summary: String, bodies: [(type: String, schema: JSONSchema)], example: String? = nil) {
    self.status = status
    self.summary = summary
    self.bodies = bodies
    self.example = example
  }

  public static func json(
    _ summary: String, _ schema: JSONSchema, status: Int = 200, example: String? = nil
  ) -> RouteAnswer {
    RouteAnswer(status: status, summary, bodies: [("application/json", schema)], example: example)
  }

  /// Text of some type, whose form is another standard's.
  public static func text(_ type: String, _ summary: String) -> RouteAnswer {
    RouteAnswer(status: 200, summary, bodies: [(type, .text())])
  }

  /// An error; those of every route, such as 400 for parameters, need not be named.
  public static func problem(_ status: Int, _ summary: String) -> RouteAnswer {
    RouteAnswer(status: status, summary, bodies: [("application/problem+json", .problem)])
  }
}

/// What the body of a request must be.
public struct RouteBody: Sendable {
  public let schema: JSONSchema
  /// JSON.
  public let example: String
  /// Those of the route's media types that it is documented for; all where nil.
  public let types: [String]?

  public init(_ schema: JSONSchema, example: String, types: [String]? = nil) {
    self.schema = schema
    self.example = example
    self.types = types
  }
}

extension Route {
  /// The same route, documented: how it answers, and what body it takes.
  ///
  ///     Route(.get, "/health", "Whether the process works.") { … }.answering(.json("How it is.", health))
  public func answering(_ answers: RouteAnswer..., taking body: RouteBody? = nil) -> Route {
    var route = self
    route.answers = answers
    route.documentedBody = body
    return route
  }
}

extension JSONSchema {
  /// `application/problem+json` (RFC 9457), as `HTTPProblem` writes it.
  static let problem = JSONSchema.named(
    "Problem",
    .object(
      [
        "type": .described("For programs; never changed.", .text()), "title": .text(), "status": .integer(400...599),
        "detail": .described("What is wrong here, and what to do.", .text()),
      ], optional: ["instance": .described("The path that was asked for.", .text())],
      others: .described("What a program needs to know of this problem, such as the 'reason' of a refused event.", .any)
    ))
}
