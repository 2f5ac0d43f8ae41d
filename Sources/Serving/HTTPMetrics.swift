internal import Telemetry

/// What the server counts of itself.
struct HTTPMetrics: Sendable {
  private let requests: MetricFamily<Counter>
  private let seconds: MetricFamily<Histogram>
  private let sentBytes: MetricFamily<Counter>
  let inFlight: Gauge

  init(_ registry: MetricRegistry) {
    requests = registry.counters(
      "http_requests_total", "Requests by route and status.", labels: ["route", "status"])
    seconds = registry.histograms(
      "http_answer_seconds", "Time from the head of a request until its answer was ready.", labels: ["route"])
    sentBytes = registry.counters("http_body_bytes_total", "Bytes of bodies that were answered.", labels: ["route"])
    inFlight = registry.gauge("http_requests_in_flight", "Requests that are being answered.")
  }

  /// `route` is the path of a route, or `none`: never what a client wrote.
  func countAnswer(route: String, status: Int, seconds: Double) {
    requests.series(route, String(status)).add()
    self.seconds.series(route).observe(seconds)
  }

  func countBody(route: String, byteCount: Int) { sentBytes.series(route).add(Int64(byteCount)) }
}
