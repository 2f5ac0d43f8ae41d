import Commerce
import Testing
import Windows

@testable import Serving

@Suite struct KpiStreamTests {
  private static let noon = FakeEngine.noon

  private static func listen(_ server: TestServer, _ target: String, lastID: String? = nil) throws -> RawClient {
    let client = try server.client()
    let header = lastID.map { "Last-Event-ID: \($0)\r\n" } ?? ""
    client.send("GET \(target) HTTP/1.1\r\nHost: test\r\n\(header)\r\n")
    return client
  }

  /// The next event of a client, without what is no event.
  private static func next(_ client: RawClient) throws -> (id: String, kind: String, data: JSON) {
    let text = try client.read(through: "}\n\n")
    // Lines of chunks are among them.
    let lines = text.split(whereSeparator: \.isNewline)
    func value(_ name: String) throws -> String {
      String(try #require(lines.first { $0.hasPrefix("\(name): ") }).dropFirst(name.count + 2))
    }
    return (try value("id"), try value("event"), try JSON(Array(try value("data").utf8)))
  }

  @Test func changesArriveAsTheyHappen() throws {
    let server = try EngineServer(FakeEngine())
    server.engine.publish(FakeEngine.views(1, minute: 0), newest: Self.noon)
    let client = try Self.listen(server.server, "/stream/kpis?interval=100ms&rollup=kpi_1m")
    let head = try client.read(through: "\r\n\r\n").lowercased()
    #expect(head.contains("200 ok") && head.contains("content-type: text/event-stream"))
    #expect(head.contains("cache-control: no-store") && head.contains("x-accel-buffering: no"))
    #expect(try client.read(through: "\n\n").contains("retry: 2000"))
    let first = try Self.next(client)
    #expect(first.kind == "snapshot" && first.id == "2.7.1-1")
    for count in 2...4 as ClosedRange<Int64> {
      server.engine.publish(FakeEngine.views(count, minute: 0))
      let event = try Self.next(client)
      #expect(event.kind == "change" && event.id == "2.7.\(count)-\(count)")
      #expect(event.data["windows"][0]["metrics"]["page_views"].integer == count)
    }
    #expect(try server.get("/metrics").text.contains("riffle_http_stream_clients 1\n"))
  }

  /// By header, as browsers do, and by parameter, for who cannot set one.
  @Test func whoComesBackMissesNothing() throws {
    let server = try EngineServer(FakeEngine())
    server.engine.publish(FakeEngine.views(1, minute: 0), newest: Self.noon)
    let target = "/stream/kpis?interval=100ms"
    var lastID = ""
    do {
      let client = try Self.listen(server.server, target)
      lastID = try Self.next(client).id
    }
    let other = try Self.listen(server.server, target)
    #expect(try Self.next(other).kind == "snapshot")
    for count in 2...4 as ClosedRange<Int64> {
      server.engine.publish(FakeEngine.views(count, minute: 0))
      _ = try Self.next(other)
    }
    let clients = [
      try Self.listen(server.server, target, lastID: lastID),
      try Self.listen(server.server, "\(target)&last_event_id=\(lastID)"),
    ]
    for client in clients {
      #expect(try (2...4).map { _ in try Self.next(client).data["sequence"].integer } == [2, 3, 4])
    }
    let stranger = try Self.listen(server.server, target, lastID: "9.9.9-9")
    #expect(try Self.next(stranger).kind == "snapshot")
  }

  @Test func allGetTheSame() throws {
    let server = try EngineServer(FakeEngine())
    server.engine.publish(FakeEngine.views(1, minute: 0), newest: Self.noon)
    let clients = try (0..<50).map { _ in try Self.listen(server.server, "/stream/kpis?interval=100ms") }
    for client in clients { #expect(try Self.next(client).kind == "snapshot") }
    server.engine.publish(FakeEngine.views(2, minute: 0))
    let ids = try Set(clients.map { try Self.next($0).id })
    #expect(ids == ["2.7.2-2"])
    #expect(try server.get("/health").status == 200)
  }

  @Test func badParametersAreRefused() throws {
    let server = try EngineServer(FakeEngine())
    for interval in ["99ms", "2m", "soon", ""] {
      #expect(try server.refusal("/stream/kpis?interval=\(interval)").contains("'interval'"), "\(interval)")
    }
    #expect(try server.refusal("/stream/kpis?rollup=kpi_1").contains("did you mean"))
  }

  // MARK: - Bounds

  private static func server(_ engine: FakeEngine, _ limits: KpiStreams.Limits) throws -> (TestServer, KpiStreams) {
    let streams = KpiStreams(engine, limits: limits)
    let rollup = engine.job.rollupTables[0].rollup
    let route = Route(.get, "/", "A stream.", parameters: [HTTPParameter("interval", "Of looking.")]) { request in
      let interval = try request.query.integer("interval", default: 10, in: 1...1000)
      let parameters = KpiStreams.Parameters(rollup: rollup, intervalMilliseconds: interval)
      return .now(HTTPResponse(body: .stream(try streams.listen(parameters, after: nil))))
    }
    return (try TestServer([route]), streams)
  }

  @Test func thereAreNotMoreClientsThanCanBeServed() throws {
    var limits = KpiStreams.Limits()
    (limits.listenersMax, limits.heartbeatMilliseconds) = (2, 20)
    let (server, streams) = try Self.server(FakeEngine(), limits)
    do {
      let clients = try (0..<2).map { _ in try Self.listen(server, "/") }
      for client in clients { _ = try Self.next(client) }
      let refused = try server.get("/")
      #expect(refused.status == 503 && refused["retry-after"] == "10")
      #expect(streams.count == 2)
    }
    #expect(eventually { streams.count == 0 }, "who has left is noticed")
    #expect(try Self.next(try Self.listen(server, "/")).kind == "snapshot")
  }

  @Test func channelsAreBoundedAndForgotten() throws {
    var limits = KpiStreams.Limits()
    (limits.channelsMax, limits.heartbeatMilliseconds, limits.lingerMilliseconds) = (1, 20, 50)
    let (server, _) = try Self.server(FakeEngine(), limits)
    do {
      let client = try Self.listen(server, "/?interval=10")
      _ = try Self.next(client)
      #expect(try server.get("/?interval=11").body.isEmpty, "ends at once")
    }
    #expect(
      eventually {
        // A refused client gets an empty body, and its patience is short.
        guard let client = try? server.client(patienceMilliseconds: 200) else { return false }
        client.send("GET /?interval=11 HTTP/1.1\r\nHost: test\r\n\r\n")
        return (try? client.read(through: "}\n\n")) != nil
      })
  }

  @Test func silenceIsBrokenByHeartbeats() throws {
    var limits = KpiStreams.Limits()
    limits.heartbeatMilliseconds = 20
    let (server, _) = try Self.server(FakeEngine(), limits)
    let client = try Self.listen(server, "/")
    _ = try Self.next(client)
    #expect(try client.read(through: ":\n\n").hasSuffix(":\n\n"))
    #expect(try client.read(through: ":\n\n").hasSuffix(":\n\n"))
  }
}
