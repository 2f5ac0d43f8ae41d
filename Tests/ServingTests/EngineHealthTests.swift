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

  @Test func metricsAreTheEnginesNumbers() throws {
    let server = try EngineServer(FakeEngine())
    server.engine.addPartition(0)
    server.engine.publish(
      FakeEngine.sample(), watermark: FakeEngine.noon + 30_000, newest: FakeEngine.noon + 35_000)
    server.engine.checkpointStalls.observe(0.015)
    let answer = try server.get("/metrics")
    #expect(answer["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
    let lines = Set(answer.text.split(separator: "\n").map(String.init))
    let partition = #"{topic="events",partition="0"}"#
    for line in [
      "riffle_partition_lag_messages\(partition) 5", "riffle_messages_received_total\(partition) 10",
      "riffle_messages_accepted_total\(partition) 7", "riffle_messages_duplicate_total\(partition) 1",
      #"riffle_dead_letters_total{topic="events",partition="0",reason="bad_time"} 2"#,
      "riffle_event_time_lag_seconds 5", "riffle_watermark_lag_seconds 3570", "riffle_commit_age_seconds 3600",
      #"riffle_checkpoint_stall_seconds_bucket{le="0.01"} 0"#,
      #"riffle_checkpoint_stall_seconds_bucket{le="0.02"} 1"#, "riffle_checkpoint_stall_seconds_count 1",
      "riffle_commit_duration_seconds 0.25", #"riffle_hot_windows{rollup="kpi_1m"} 1"#, "riffle_ready 1",
      #"riffle_partition_state{topic="events",partition="0",state="active"} 1"#,
    ] {
      #expect(lines.contains(line), "\(line)")
    }
    let again = try server.get("/metrics").text
    #expect(again.contains(#"riffle_http_requests_total{route="/metrics",status="200"} 1"#))
  }

  @Test func whatIsUnknownIsNoMetric() throws {
    let server = try EngineServer(FakeEngine())
    server.engine.change { $0.committedMilliseconds = nil }
    let text = try server.get("/metrics").text
    #expect(!text.contains("\nriffle_watermark_lag_seconds "))
    #expect(!text.contains("\nriffle_commit_age_seconds "))
  }

  /// Prometheus' own checker, where it is installed.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool")))
  func metricsPassPrometheusChecks() throws {
    let server = try EngineServer(FakeEngine())
    server.engine.addPartition(0)
    server.engine.publish(FakeEngine.sample(), watermark: FakeEngine.noon, newest: FakeEngine.noon)
    _ = try server.get("/health")
    let promtool = Process()
    promtool.executableURL = URL(filePath: "/usr/bin/promtool")
    promtool.arguments = ["check", "metrics"]
    let (input, output) = (Pipe(), Pipe())
    promtool.standardInput = input
    promtool.standardOutput = output
    promtool.standardError = output
    try promtool.run()
    try input.fileHandleForWriting.write(contentsOf: Data(try server.get("/metrics").body))
    try input.fileHandleForWriting.close()
    let report = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    promtool.waitUntilExit()
    #expect(promtool.terminationStatus == 0, "\(report)")
  }
}
