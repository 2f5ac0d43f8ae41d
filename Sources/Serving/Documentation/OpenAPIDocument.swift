internal import Telemetry

/// The table of routes as OpenAPI 3.1, whose schemas are JSON Schema as it is.
///
/// HEAD is possible wherever GET is, and OPTIONS everywhere; they are not listed.
struct OpenAPIDocument {
  private static let description =
    "Real-time KPIs of a shop's event stream, and every event behind them. 'Now' is event time. Every answer about "
    + "events says how complete it is, and names its epoch: who sees a greater one sees something newer. Errors are "
    + "application/problem+json; a parameter that a route does not have is one."

  /// JSON.
  let bytes: [UInt8]

  init(_ routes: [Route]) {
    var paths: [String] = []
    for route in routes where !paths.contains(route.path) { paths.append(route.path) }
    var json = JSONWriter()
    json.object { json in
      json.field("openapi", "3.1.0")
      json.key("info")
      json.object { json in
        json.field("title", "Riffle")
        json.field("version", "1.0.0")
        json.field("description", OpenAPIDocument.description)
      }
      json.key("servers")
      json.array { json in json.object { $0.field("url", "/") } }
      json.key("paths")
      json.object { json in
        for path in paths {
          json.key(path)
          json.object { json in
            for route in routes where route.path == path { route.writeOperation(to: &json) }
          }
        }
      }
      json.key("components")
      json.object { OpenAPIDocument.writeComponents(routes, to: &$0) }
    }
    bytes = json.bytes
  }

  private static func writeComponents(_ routes: [Route], to json: inout JSONWriter) {
    var named: [String: JSONSchema] = [:]
    JSONSchema.problem.collectNamed(into: &named)
    for route in routes {
      for answer in route.answers { answer.bodies.forEach { $0.schema.collectNamed(into: &named) } }
      route.documentedBody?.schema.collectNamed(into: &named)
    }
    json.key("schemas")
    json.object { json in
      for (name, schema) in named.sorted(by: { $0.key < $1.key }) {
        json.key(name)
        schema.write(to: &json)
      }
    }
    json.key("securitySchemes")
    json.object { json in
      json.key("key")
      json.object { json in
        json.field("type", "apiKey")
        json.field("in", "header")
        json.field("name", "X-API-Key")
        json.field("description", "Where keys are configured; 'riffle keys create' makes one. Also as Bearer.")
      }
    }
    json.key("responses")
    json.object { json in
      json.key("Problem")
      json.object { json in
        RouteAnswer.problem(400, "The request is refused, or cannot be answered; 'detail' says why and what to do.")
          .writeMembers(to: &json)
      }
    }
  }
}

extension Route {
  /// What it is about: the first word of its path.
  private var tag: String { path.split(separator: "/").first.map(String.init) ?? "page" }

  /// `getKpisLatest`.
  private var operationID: String {
    let words = path.split { !$0.isLetter && !$0.isNumber }
    return method.rawValue.lowercased() + (words.isEmpty ? "Page" : words.map(\.capitalized).joined())
  }

  fileprivate func writeOperation(to json: inout JSONWriter) {
    json.key(method.rawValue.lowercased())
    json.object { json in
      json.field("operationId", operationID)
      json.key("tags")
      json.array { $0.string(tag) }
      json.field("summary", summary)
      if let scope { json.field("x-scope", scope.rawValue) }
      json.key("security")
      json.array { json in
        guard scope != nil else { return }
        json.object {
          $0.key("key"); $0.array { _ in }
        }
        json.object { _ in }
      }
      json.key("parameters")
      json.array { json in parameters.forEach { $0.write(to: &json) } }
      if let documentedBody { write(documentedBody, to: &json) }
      json.key("responses")
      json.object { json in
        for answer in answers {
          json.key(String(answer.status))
          json.object { answer.writeMembers(to: &$0) }
        }
        for status in ["400", "default"] where !answers.contains(where: { String($0.status) == status }) {
          json.key(status)
          json.object { $0.field("$ref", "#/components/responses/Problem") }
        }
      }
    }
  }

  private func write(_ documented: RouteBody, to json: inout JSONWriter) {
    guard case .upTo(_, let types) = body else { return }
    json.key("requestBody")
    json.object { json in
      json.field("required", true)
      json.key("content")
      json.object { json in
        for type in documented.types ?? types {
          json.key(type)
          json.object { json in
            json.key("schema")
            documented.schema.write(to: &json)
            json.key("example")
            json.raw(documented.example.utf8)
          }
        }
      }
    }
  }
}

extension HTTPParameter {
  fileprivate func write(to json: inout JSONWriter) {
    json.object { json in
      json.field("name", name)
      json.field("in", place.rawValue)
      json.field("description", summary)
      json.field("required", place == .path)
      json.key("schema")
      (isRepeatable ? .array(schema) : schema).write(to: &json)
      if let example { json.field("example", example) }
    }
  }
}

extension RouteAnswer {
  fileprivate func writeMembers(to json: inout JSONWriter) {
    json.field("description", summary)
    guard !bodies.isEmpty else { return }
    json.key("content")
    json.object { json in
      for (index, body) in bodies.enumerated() {
        json.key(body.type)
        json.object { json in
          json.key("schema")
          body.schema.write(to: &json)
          if index == 0, let example {
            json.key("example")
            json.raw(example.utf8)
          }
        }
      }
    }
  }
}

extension Substring {
  /// With its first letter large.
  fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst() }
}
