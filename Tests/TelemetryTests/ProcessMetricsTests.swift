import Telemetry
import Testing

@Suite struct ProcessMetricsTests {
  /// The numbers of this process, by name.
  private func numbers(_ registry: MetricRegistry) -> [String: Double] {
    var numbers: [String: Double] = [:]
    for line in registry.exposition().split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ")
      numbers[String(words[0])] = Double(words[1])
    }
    return numbers
  }

  @Test func theyAreThoseOfThisProcess() throws {
    let registry = MetricRegistry()
    ProcessMetrics.register(in: registry)
    let first = numbers(registry)
    #expect(
      Set(first.keys) == [
        "process_start_time_seconds", "process_cpu_seconds_total", "process_resident_memory_bytes",
        "process_virtual_memory_bytes", "process_open_fds", "process_max_fds",
      ])
    let resident = try #require(first["process_resident_memory_bytes"])
    #expect(resident > 1e6 && resident <= first["process_virtual_memory_bytes"] ?? 0)
    let now = Double(WallClock.nowMilliseconds()) / 1000
    let start = try #require(first["process_start_time_seconds"])
    #expect(start <= now + 1 && start > now - 86_400)
    let files = try #require(first["process_open_fds"])
    #expect(files >= 3 && files < first["process_max_fds"] ?? 0)
    #expect(numbers(registry)["process_cpu_seconds_total"] ?? 0 >= first["process_cpu_seconds_total"] ?? .infinity)
  }
}
