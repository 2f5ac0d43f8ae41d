import Columns
import Commerce
import Foundation
import Serving
import Telemetry
import Testing

@Suite struct EngineHealthTests {
  @Test func healthShowsThatEveryMessageIsAccountedFor() throws {
    let server = try EngineServer(FakeEngine())
    server.engine.addPartition(0)
    let health = try server.json("/health")
    #expect(health["status"].text == "ok")
    #expect(health["uptime_ms"].integer == 3_600_000)
    #expect(health["epoch"].text == "2.7.0")
    #expect(health["conservation"]["holds"].flag == true)
    let partition = health["conservation"]["partitions"][0]
    #expect(partition["topic"].text == "events" && partition["id"].integer == 0)
    #expect(partition["received"].integer == 10 && partition["accepted"].integer == 7)
    #expect(partition["duplicates"].integer == 1 && partition["dead_letters"].integer == 2)
    #expect(partition["waiting"].integer == 0 && partition["holds"].flag == true)
  }

  @Test func aLostMessageShows() throws {
    let server = try EngineServer(FakeEngine())
    server.engine.addPartition(0)
    server.engine.addPartition(1, received: 11)
    let conservation = try server.json("/health")["conservation"]
    #expect(conservation["holds"].flag == false)
    #expect(conservation["partitions"].array.map { $0["holds"].flag } == [true, false])
  }

  @Test func readinessSaysWhy() throws {
    let server = try EngineServer(FakeEngine())
    #expect(try server.json("/ready")["state"].text == "ready")
    server.engine.change { $0.isReplaying = true }
    #expect(try server.json("/ready")["state"].text == "replaying")
    server.engine.change { $0.problems = ["no broker answers", "the disk is full"] }
    let answer = try server.get("/ready")
    #expect(answer.status == 503)
    #expect(answer["retry-after"] == "5")
    let ready = try JSON(answer.body)
    #expect(ready["state"].text == "not_ready")
    #expect(ready["reasons"].array.map(\.text) == ["no broker answers", "the disk is full"])
  }

  /// That a topic gets nothing is seen, and no reason not to be ready.
  @Test func anAbsentSinkShowsAndTheEngineIsReady() throws {
    let server = try EngineServer(FakeEngine())
    server.engine.change {
      $0.sinks = [
        SinkStatus(
          name: "results", topic: "analytics-results", messageCount: 12, lagRows: 3,
          deliveredMilliseconds: FakeEngine.noon, problem: "nothing was acknowledged for 4 s")
      ]
    }
    #expect(try server.json("/ready")["state"].text == "ready")
    let sink = try server.json("/health")["outbox"][0]
    #expect(sink["name"].text == "results" && sink["topic"].text == "analytics-results")
    #expect(sink["messages"].integer == 12 && sink["lag_rows"].integer == 3)
    #expect(sink["delivered"].text == "2023-11-16T12:00:00.000Z")
    #expect(sink["problem"].text == "nothing was acknowledged for 4 s")
    let metrics = try server.get("/metrics").text
    for (name, value) in [("messages_total", 12), ("lag_rows", 3), ("stuck", 1)] {
      let line = #"riffle_outbox_\#(name){sink="results",topic="analytics-results"} \#(value)"#
      #expect(metrics.contains(line), "\(line)")
    }
  }

  @Test func sourcesAreThePartitions() throws {
    let server = try EngineServer(FakeEngine())
    server.engine.addPartition(3)
    server.engine.addPartition(4, state: "at_end", end: nil)
    let sources = try server.json("/sources")["sources"]
    #expect(sources.array.map { $0["id"].integer } == [3, 4])
    #expect(sources[0]["lag"].integer == 5 && sources[0]["offset"].integer == 10)
    #expect(sources[0]["watermark"].text == "2023-11-16T12:00:00Z")
    #expect(sources[0]["dead_letters_by_reason"]["bad_time"].integer == 2)
    #expect(sources[1]["lag"].isNull && sources[1]["end_offset"].isNull)
    #expect(sources[1]["state"].text == "at_end")
  }

  @Test func anUnknownParameterIsRefusedEverywhere() throws {
    let server = try EngineServer(FakeEngine())
    let paths = [
      "/", "/health", "/ready", "/metrics", "/sources", "/kpis/latest", "/kpis/history", "/funnel/current",
      "/sessions/active", "/sessions/a",
    ]
    for path in paths { #expect(try server.refusal("\(path)?colour=red").contains("'colour'"), "\(path)") }
  }

  @Test func aThreadThatGivesNoSignIsStuck() throws {
    let server = try EngineServer(FakeEngine())
    server.engine.change {
      $0.lifeSigns = [LifeSign(name: "clock", ageMilliseconds: 5), LifeSign(name: "graph", ageMilliseconds: 60_000)]
    }
    let health = try server.json("/health")
    #expect(health["status"].text == "ok")
    #expect(health["life_signs"].array.map { $0["of"].text } == ["clock", "graph"])
    #expect(health["life_signs"][1]["age_ms"].integer == 60_000)
    server.engine.change { $0.lifeSigns[1] = LifeSign(name: "graph", ageMilliseconds: 60_001) }
    #expect(try server.json("/health", status: 503)["status"].text == "stuck")
  }

  @Test func readinessNamesThePhase() throws {
    let server = try EngineServer(FakeEngine())
    #expect(try server.json("/ready")["phase"].text == "running")
    server.engine.change {
      $0.phase = .restoring
      $0.problems = ["state is being restored from commit 7"]
    }
    let ready = try server.json("/ready", status: 503)
    #expect(ready["phase"].text == "restoring" && ready["state"].text == "not_ready")
  }
}
