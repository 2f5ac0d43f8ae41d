import Columns
import Commerce
import CommerceTestSupport
import TestSupport
import Testing
import Windows

@testable import Serving

@Suite struct OpenAPIDocumentTests {
  private static let noon = FakeEngine.noon

  @Test func everyRouteIsDocumented() throws {
    let server = try EngineServer(FakeEngine())
    let document = try server.json("/openapi.json")
    #expect(document["openapi"].text == "3.1.0")
    let routes = server.routes
    #expect(routes.count > 10)
    for route in routes {
      let operation = document["paths"][route.path][route.method.rawValue.lowercased()]
      #expect(operation["summary"].text == route.summary, "\(route.path)")
      #expect(!route.answers.isEmpty, "\(route.path): say with answering(…) how it answers")
      let success = operation["responses"].names.contains { $0.hasPrefix("2") }
      #expect(success && operation["responses"].names.isSuperset(of: ["400", "default"]), "\(route.path)")
      #expect(
        operation["parameters"].array.map { $0["name"].text ?? "" } == route.parameters.map(\.name), "\(route.path)")
      let inPath = route.parameters.filter { $0.place == .path }.map { "{\($0.name)}" }
      #expect(inPath == route.path.split(separator: "/").filter { $0.hasPrefix("{") }.map(String.init))
      if case .upTo = route.body {
        #expect(!operation["requestBody"]["content"].isMissing, "\(route.path): say what body it takes")
      }
    }
    let identifiers = routes.map { document["paths"][$0.path][$0.method.rawValue.lowercased()]["operationId"].text }
    #expect(Set(identifiers).count == identifiers.count)
  }

  @Test func referencesLeadSomewhereAndExamplesFit() throws {
    let server = try EngineServer(FakeEngine())
    let answer = try server.get("/openapi.json")
    let document = try JSON(answer.body)
    for match in answer.text.matches(of: /"#\/components\/(schemas|responses)\/([A-Za-z]+)"/) {
      #expect(!document["components"][String(match.1)][String(match.2)].isMissing, "\(match.0)")
    }
    var exampleCount = 0
    for content in Self.contents(document, server.routes) where !content.json["example"].isMissing {
      #expect(SchemaCheck(document).problems(content.json["example"], content.json["schema"]) == [], "\(content.place)")
      exampleCount += 1
    }
    #expect(exampleCount >= 2)
  }

  /// All bodies of requests and answers.
  private static func contents(_ document: JSON, _ routes: [Route]) -> [(place: String, json: JSON)] {
    routes.flatMap { route -> [(place: String, json: JSON)] in
      let operation = document["paths"][route.path][route.method.rawValue.lowercased()]
      let answers = operation["responses"].names.map { operation["responses"][$0] }
      return ([operation["requestBody"]] + answers).flatMap { body in
        body["content"].names.map { (route.path, body["content"][$0]) }
      }
    }
  }

  // MARK: - Answers

  /// The status and body of `target` are what the document says of `path`.
  private func check(
    _ target: String, of path: String, status: Int = 200, body: String? = nil, _ server: EngineServer,
    _ document: JSON
  ) throws {
    let method = body == nil ? "get" : "post"
    let answer = try body.map { try server.post(target, $0) } ?? server.get(target)
    #expect(answer.status == status, "\(target): \(answer.text.prefix(500))")
    let responses = document["paths"][path][method]["responses"]
    var response = responses[String(status)].isMissing ? responses["default"] : responses[String(status)]
    if response["$ref"].text != nil { response = document["components"]["responses"]["Problem"] }
    let type = String(answer["content-type"]?.prefix { $0 != ";" } ?? "")
    let content = response["content"][type]
    #expect(!content.isMissing, "\(target): \(status) with \(type) is not documented")
    guard type == "application/json" || type.hasSuffix("+json") else { return }
    let problems = SchemaCheck(document).problems(try JSON(answer.body), content["schema"])
    #expect(problems == [], "\(target): \(answer.text.prefix(1000))")
  }

  @Test func anEmptyEngineAnswersAsDocumented() throws {
    let server = try EngineServer(FakeEngine())
    let document = try server.json("/openapi.json")
    for path in ["/", "/docs", "/health", "/ready", "/metrics", "/sources", "/kpis/history", "/sessions/active"] {
      try check(path, of: path, server, document)
    }
    for path in ["/kpis/latest", "/kpis/history", "/funnel/current", "/stream/kpis", "/docs"] {
      try check("\(path)?nonsense=1", of: path, status: 400, server, document)
    }
    try check("/kpis/latest", of: "/kpis/latest", status: 404, server, document)
    try check("/sessions/nobody", of: "/sessions/{id}", status: 404, server, document)
    try check("/funnel/current", of: "/funnel/current", status: 503, server, document)
    try check("/query", of: "/query", status: 400, body: "{}", server, document)
    server.engine.change { $0.problems = ["Kafka is away"] }
    try check("/ready", of: "/ready", status: 503, server, document)
  }

  @Test func aRunningEngineAnswersAsDocumented() throws {
    var settings = JobSettings()
    settings.rollups.append(
      JobSettings.Rollup(name: "by_country", shape: .tumbling(size: 60_000), groupBy: ["geo_country"]))
    let place = TemporaryDirectory()
    let run = try EngineRun(settings, in: place.file("data"))
    var lines = EventLine.views("a", session: "s", minutes: [0, 1]) + EventLine.views("b", session: "t", minutes: [1])
    lines += [
      EventLine.make(
        "c", "purchase", at: Self.noon, session: "t", user: "u",
        #""product_id":"p","price":3,"currency":"EUR","geo":{"country":"DE"}"#),
      Array("{broken".utf8),
    ]
    try run.simulate([try place.write("a", lines: lines)], seed: 1, checkpointOdds: 10)
    let server = try EngineServer(FakeEngine(settings, directory: run.directory))
    let engine = server.engine
    engine.addPartition(0)
    engine.change {
      $0.sinks = [SinkStatus(name: "kpis", topic: "out", messageCount: 1, lagRows: 2, problem: "slow")]
    }
    engine.openSession("o", at: [Self.noon, Self.noon + 1000])
    engine.publish(
      FakeEngine.sample(sums: ["EUR": 91_234_000, "JPY": 264_000_025], isApproximate: true),
      FakeEngine.views(1, minute: 1), watermark: Self.noon + 30_000, newest: Self.noon + 65_000)
    engine.publish(FakeEngine.views(4, minute: 1, group: ["DE"]), rollup: "by_country")
    engine.publish(FakeEngine.views(4, minute: 1, group: [nil]), rollup: "by_country")
    let document = try server.json("/openapi.json")
    let targets = [
      "/health", "/ready", "/sources", "/kpis/latest", "/kpis/history", "/sessions/active", "/funnel/current",
      "/products/top", "/geo", "/dlq", "/catalog", "/metrics-dictionary", "/export/events", "/export/kpis",
    ]
    for target in targets { try check(target, of: target, server, document) }
    for (path, query) in [
      ("/kpis/latest", "rollup=by_country"), ("/kpis/latest", "read=committed"), ("/kpis/history", "step=5m"),
      ("/kpis/history", "rollup=by_country&fill=zero"), ("/kpis/history", "read=committed&from=2023-11-16T00:00:00Z"),
      ("/kpis/history", "rollup=by_country&group_by=none"), ("/funnel/current", "by=geo_country&unit=session"),
      ("/sessions/active", "read=committed&limit=5"), ("/export/sessions", "format=csv"),
      ("/products/top", "from=2023-11-01T00:00:00Z&by=views"), ("/geo", "from=2023-11-01T00:00:00Z"),
    ] {
      try check("\(path)?\(query)", of: path, server, document)
    }
    try check("/users/u/journey", of: "/users/{id}/journey", server, document)
    try check("/users/nobody/journey", of: "/users/{id}/journey", status: 404, server, document)
    for key in ["s", "o"] { try check("/sessions/\(key)", of: "/sessions/{id}", server, document) }
    for format in ["json", "ndjson", "csv"] {
      let body = #"{"table":"events","select":"*","format":"\#(format)"}"#
      try check("/query", of: "/query", body: body, server, document)
    }
  }

  @Test func eventsOfTheStreamAreAsDocumented() throws {
    let server = try EngineServer(FakeEngine())
    server.engine.addPartition(0)
    server.engine.publish(FakeEngine.sample(), watermark: Self.noon + 30_000, newest: Self.noon + 35_000)
    let document = try server.json("/openapi.json")
    let client = try server.server.client()
    client.send("GET /stream/kpis HTTP/1.1\r\nHost: test\r\n\r\n")
    let text = try client.read(through: "}\n\n")
    let data = try #require(text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("data: ") })
    let content = document["paths"]["/stream/kpis"]["get"]["responses"]["200"]["content"]["text/event-stream"]
    #expect(SchemaCheck(document).problems(try JSON(Array(data.dropFirst(6).utf8)), content["schema"]) == [])
  }

  /// What the check itself would miss, all others would.
  @Test func theCheckFindsWhatIsWrong() throws {
    let document = try JSON(
      Array(#"{"components":{"schemas":{"Size":{"type":"integer","minimum":1,"maximum":9}}}}"#.utf8))
    let schema = try JSON(
      Array(
        """
        {"type":"object","required":["a"],"additionalProperties":false,"properties":{
        "a":{"$ref":"#/components/schemas/Size"},"b":{"type":["string","null"],"format":"date-time"},
        "c":{"type":"array","items":{"anyOf":[{"type":"boolean"},{"type":"string","enum":["x"]}]}}}}
        """.utf8))
    func problems(_ text: String) throws -> Int {
      SchemaCheck(document).problems(try JSON(Array(text.utf8)), schema).count
    }
    for good in [
      #"{"a":1}"#, #"{"a":9,"b":null,"c":[]}"#, #"{"a":2,"b":"2023-11-16T12:00:00.5Z","c":[true,"x"]}"#,
    ] {
      #expect(try problems(good) == 0, "\(good)")
    }
    for bad in [
      "{}", #"{"a":0}"#, #"{"a":10}"#, #"{"a":1.5}"#, #"{"a":true}"#, #"{"a":"1"}"#, #"{"a":1,"d":1}"#,
      #"{"a":1,"b":"noon"}"#, #"{"a":1,"b":1}"#, #"{"a":1,"c":["y"]}"#, #"{"a":1,"c":[1]}"#, #"{"a":1,"c":{}}"#, "[]",
    ] {
      #expect(try problems(bad) > 0, "\(bad)")
    }
  }
}
