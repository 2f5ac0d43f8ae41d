/// Finds the route of a request. From the table of routes follow 404, 405 with `Allow`, HEAD for every GET, OPTIONS.
public struct Router: Sendable {
  /// All routes that share one path.
  private struct Place: Sendable {
    let pattern: [String]
    var routes: [Route]

    /// What can be asked of this place, in the order of `HTTPMethod`.
    var allowed: [HTTPMethod] {
      HTTPMethod.allCases.filter { method in
        switch method {
        case .options: true
        case .head: routes.contains { $0.method == .get || $0.method == .head }
        default: routes.contains { $0.method == method }
        }
      }
    }

    /// The route of a method; a HEAD is a GET whose body is not sent.
    func route(_ method: HTTPMethod) -> Route? {
      routes.first { $0.method == method } ?? (method == .head ? routes.first { $0.method == .get } : nil)
    }
  }

  /// In the order of the table.
  public let routes: [Route]
  private var literalPlaces: [[String]: Place] = [:]
  private var patternPlaces: [Place] = []

  /// A table with the same method and path twice is a mistake in our code and traps.
  public init(_ routes: [Route]) {
    self.routes = routes
    for route in routes {
      let pattern = route.path.split(separator: "/").map(String.init)
      if !pattern.contains(where: Router.isName) {
        Router.add(route, to: &literalPlaces[pattern, default: Place(pattern: pattern, routes: [])])
      } else if let index = patternPlaces.firstIndex(where: { $0.pattern == pattern }) {
        Router.add(route, to: &patternPlaces[index])
      } else {
        patternPlaces.append(Place(pattern: pattern, routes: [route]))
      }
    }
  }

  /// What a request asks for.
  struct Match: Sendable {
    var request: HTTPRequest
    let route: Route
  }

  /// The route of a request and the request as the route sees it, still without its body. O(segments) for paths without
  /// names, O(patterns) for others.
  func match(_ head: RequestHead) throws(HTTPFailure) -> Match {
    let target = try RequestTarget(head.target)
    if target.isAsterisk { return try asterisk(head, target) }
    guard let place = place(target.segments) else { throw .notFound(path: target.path) }
    let allowed = place.allowed
    guard let method = HTTPMethod(rawValue: head.method), allowed.contains(method) else {
      throw .methodNotAllowed(method: head.method, allowed: allowed.map(\.rawValue))
    }
    let route = place.route(method) ?? Router.optionsRoute(place.pattern, allowed)
    let names = zip(place.pattern, target.segments).filter { Router.isName($0.0) }
    let parameters = Dictionary(
      names.map { (String($0.0.dropFirst().dropLast()), $0.1) }, uniquingKeysWith: { first, _ in first })
    let request = HTTPRequest(
      method: method, path: target.path, pathParameters: parameters, query: target.query, headers: head.headers)
    return Match(request: request, route: route)
  }

  private func place(_ segments: [String]) -> Place? {
    if let place = literalPlaces[segments] { return place }
    return patternPlaces.first { place in
      place.pattern.count == segments.count
        && zip(place.pattern, segments).allSatisfy { Router.isName($0) ? !$1.isEmpty : $0 == $1 }
    }
  }

  /// `OPTIONS *`: what the server can do at all.
  private func asterisk(_ head: RequestHead, _ target: RequestTarget) throws(HTTPFailure) -> Match {
    guard head.method == HTTPMethod.options.rawValue else { throw .badTarget("'*' is for OPTIONS only") }
    let request = HTTPRequest(
      method: .options, path: "*", pathParameters: [:], query: target.query, headers: head.headers)
    return Match(request: request, route: Router.optionsRoute(["*"], HTTPMethod.allCases))
  }

  private static func optionsRoute(_ pattern: [String], _ allowed: [HTTPMethod]) -> Route {
    let list = allowed.map(\.rawValue).joined(separator: ", ")
    let path = pattern == ["*"] ? "*" : "/" + pattern.joined(separator: "/")
    return Route(.options, path, "What can be asked here.", scope: nil) { _ in
      var response = HTTPResponse.noContent
      response.headers.append("Allow", list)
      return .now(response)
    }
  }

  private static func add(_ route: Route, to place: inout Place) {
    precondition(!place.routes.contains { $0.method == route.method }, "\(route.method) \(route.path) is there twice")
    place.routes.append(route)
  }

  private static func isName(_ segment: String) -> Bool { segment.hasPrefix("{") && segment.hasSuffix("}") }
}
