import Dispatch
import Foundation
import Telemetry
import Testing

@Suite struct MetricRegistryTests {
  private func filled() -> MetricRegistry {
    let registry = MetricRegistry()
    registry.counter("events_total", "Events that were read.").add(3)
    registry.gauge("lag_seconds", "How far behind.").set(1.5)
    let labeled = registry.counters("answers_total", "Answers.\nBy \\ route.", labels: ["route", "status"])
    labeled.series("/a \"b\"\n\\", "200").add(2)
    labeled.series("/a", "404").add()
    let seconds = registry.histogram("answer_seconds", "Time.", bounds: [0.1, 1])
    for value in [0.05, 0.1, 0.5, 7] { seconds.observe(value) }
    registry.reading("open_files", "Files.") { 4 }
    registry.readings("partition_lag", "Lag by partition.") {
      [([MetricLabel("partition", "0")], 5), ([MetricLabel("partition", "1")], .infinity)]
    }
    return registry
  }

  @Test func theExpositionIsExact() {
    let expected = #"""
      # HELP riffle_answer_seconds Time.
      # TYPE riffle_answer_seconds histogram
      riffle_answer_seconds_bucket{le="0.1"} 2
      riffle_answer_seconds_bucket{le="1"} 3
      riffle_answer_seconds_bucket{le="+Inf"} 4
      riffle_answer_seconds_sum 7.65
      riffle_answer_seconds_count 4
      # HELP riffle_answers_total Answers.\nBy \\ route.
      # TYPE riffle_answers_total counter
      riffle_answers_total{route="/a",status="404"} 1
      riffle_answers_total{route="/a \"b\"\n\\",status="200"} 2
      # HELP riffle_events_total Events that were read.
      # TYPE riffle_events_total counter
      riffle_events_total 3
      # HELP riffle_lag_seconds How far behind.
      # TYPE riffle_lag_seconds gauge
      riffle_lag_seconds 1.5
      # HELP riffle_open_files Files.
      # TYPE riffle_open_files gauge
      riffle_open_files 4
      # HELP riffle_partition_lag Lag by partition.
      # TYPE riffle_partition_lag gauge
      riffle_partition_lag{partition="0"} 5
      riffle_partition_lag{partition="1"} +Inf

      """#
    #expect(filled().exposition() == expected)
  }

  /// Prometheus' own tool, where it is installed.
  static let promtool = ["/usr/bin/promtool", "/usr/local/bin/promtool"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  @Test(.enabled(if: promtool != nil, "promtool is not installed")) func prometheusReadsIt() throws {
    let process = Process()
    process.executableURL = URL(filePath: try #require(Self.promtool))
    process.arguments = ["check", "metrics"]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    process.standardError = output
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data(filled().exposition().utf8))
    try input.fileHandleForWriting.close()
    let said = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(String(decoding: said, as: UTF8.self))")
  }

  @Test func aFamilyIsBounded() {
    let registry = MetricRegistry(seriesCountMax: 10)
    let family = registry.counters("hits_total", "Hits.", labels: ["name"])
    for number in 0..<1000 { family.series("\(number)").add() }
    let lines = registry.exposition().split(separator: "\n").filter { !$0.hasPrefix("#") }
    #expect(lines.count == 11)
    #expect(lines.contains("riffle_hits_total{name=\"other\"} 990"))
  }

  @Test func theSameLabelsAreTheSameSeries() {
    let family = MetricRegistry().counters("hits_total", "Hits.", labels: ["name"])
    #expect(family.series("a") === family.series("a"))
    #expect(family.series("a") !== family.series("b"))
  }

  @Test func nothingIsLostBetweenThreads() {
    let registry = MetricRegistry()
    let counter = registry.counter("events_total", "Events.")
    let gauge = registry.gauge("level", "Level.")
    let histogram = registry.histogram("spent_seconds", "Time.")
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      for _ in 0..<1000 {
        counter.add(2)
        gauge.add(0.5)
        histogram.observe(0.5)
      }
    }
    #expect(counter.value == 16_000)
    #expect(gauge.value == 4000)
    #expect(histogram.samples().last?.value == 8000)
  }

  @Test func aWrongNameIsOurMistake() async {
    await #expect(processExitsWith: .failure) { _ = MetricRegistry().counter("events", "Without its ending.") }
    await #expect(processExitsWith: .failure) { _ = MetricRegistry().gauge("level-high", "No name.") }
    await #expect(processExitsWith: .failure) {
      let registry = MetricRegistry()
      _ = (registry.gauge("level", "Once."), registry.gauge("level", "Twice."))
    }
  }
}
