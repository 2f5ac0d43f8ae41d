import Checkpoints
import Columns
import Commerce
import Dataflow
import Foundation
import Serving
import Synchronization
import Telemetry
import Testing
import Windows

@Suite struct EngineMetricsTests {
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

  @Test func loadIsMeasured() throws {
    let server = try EngineServer(FakeEngine())
    server.engine.addPartition(0)
    server.engine.checkpointDurations.observe(0.25)
    server.engine.changeLoad(Self.fill)
    let lines = Set(try server.get("/metrics").text.split(separator: "\n").map(String.init))
    for line in [
      #"riffle_partition_end_offset{topic="events",partition="0"} 15"#,
      #"riffle_partition_watermark_lag_seconds{topic="events",partition="0"} 3600"#,
      #"riffle_operator_time_seconds_total{operator="merger",state="busy"} 1.5"#,
      #"riffle_operator_time_seconds_total{operator="merger",state="back_pressured"} 3"#,
      #"riffle_operator_queue_credits{operator="merger"} 2"#,
      #"riffle_operator_queue_limit_credits{operator="merger"} 16"#,
      #"riffle_window_events_total{rollup="kpi_1m",outcome="on_time"} 90"#,
      #"riffle_window_events_total{rollup="kpi_1m",outcome="corrected"} 8"#,
      #"riffle_window_events_total{rollup="kpi_1m",outcome="delta"} 2"#,
      "riffle_repaired_events_total 4", "riffle_read_bytes_total 4096", "riffle_read_messages_total 16",
      #"riffle_table_rows{table="events"} 7"#, #"riffle_table_segments{table="events"} 0"#,
      #"riffle_table_tail_bytes{table="events"} 512"#, "riffle_state_bytes 99", "riffle_merges_waiting 3",
      #"riffle_errors_total{where="storage"} 1"#, #"riffle_errors_total{where="broker"} 0"#,
      "riffle_broker_connected 1", #"riffle_memory_limit_bytes{of="kafka_queues"} 1024"#,
      "riffle_disk_available_bytes 10", "riffle_disk_size_bytes 20",
      #"riffle_checkpoint_duration_seconds_bucket{le="0.1"} 0"#, "riffle_checkpoint_duration_seconds_sum 0.25",
      "riffle_checkpoint_interval_seconds 5",
    ] {
      #expect(lines.contains(line), "\(line)")
    }
    #expect(!lines.contains { $0.hasPrefix(#"riffle_operator_queue_credits{operator="lane-0""#) }, "a source has none")
  }

  private static func fill(_ load: inout EngineLoad) {
    load.operators = [
      OperatorLoad(name: "lane-0", seconds: [0, 0, 0, 1], queuedCredits: 0, queueCapacity: 0),
      OperatorLoad(name: "merger", seconds: [1.5, 0.5, 3, 5], queuedCredits: 2, queueCapacity: 16),
    ]
    var counts = LatenessCounts()
    (counts.onTime, counts.corrected, counts.delta) = (90, 8, 2)
    load.lateness = ["kpi_1m": counts]
    load.repairedEventCount = 4
    (load.readBytes, load.readMessageCount) = (4096, 16)
    let tail = TailReference(path: "events/tail", validLength: 512, rowCount: 7)
    load.tables = [EngineLoad.Table(TableState(name: "events", schema: Schema([]), tail: tail))]
    (load.stateBytes, load.waitingMergeCount) = (99, 3)
    load.errors["storage"] = 1
    load.memoryLimitBytes = ["kafka_queues": 1024]
    (load.diskAvailableBytes, load.diskTotalBytes) = (10, 20)
    load.isBrokerConnected = true
  }

  /// However many metrics are made of the status, it is looked at once, so that the sums of one scrape hold.
  @Test func theNumbersOfOneScrapeBelongTogether() {
    let registry = MetricRegistry()
    let looks = Atomic(0)
    let look = registry.oncePerScrape { looks.add(1, ordering: .relaxed).newValue }
    registry.reading("first", "A number.") { Double(look()) }
    registry.reading("second", "The same number.") { Double(look()) }
    #expect(looks.load(ordering: .relaxed) == 0)
    #expect(registry.exposition().contains("riffle_second 1\n"))
    let again = registry.exposition()
    #expect(again.contains("riffle_first 2\n") && again.contains("riffle_second 2\n"))
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
    server.engine.changeLoad(Self.fill)
    ProcessMetrics.register(in: server.server.registry)
    server.server.registry.information("build_info", "What this is.", [MetricLabel("version", "1")])
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
