import Foundation

/// What became of a day of a demo, and what of it is not as promised.
struct DemoDayReport {
  /// The median of the resident set in the last half may be so many times that of the second quarter.
  private static let memoryGrowthMost = 1.15
  /// Its peak may be so many times the median of the last half: while the engine is behind, messages wait in memory.
  private static let memoryPeakMost = 1.5
  /// How far the engine may be behind, in seconds of the rate; at 48,000 events/s shoppers wait before it is.
  private static let lagSecondsMost = 2.5
  /// The share of the rate that has to be kept.
  private static let rateLeast = 0.98

  private let samples: [DemoSample]
  /// When all that was sent was read.
  private let end: DemoSample
  /// The demo's summary of what the shoppers sent.
  private let sent: [String: Any]
  private let eventsPerSecond: Double

  init(_ samples: [DemoSample], _ end: DemoSample, sent: String, eventsPerSecond: Double) {
    self.samples = samples
    self.end = end
    self.sent = (try? JSONSerialization.jsonObject(with: Data(sent.utf8))) as? [String: Any] ?? [:]
    self.eventsPerSecond = eventsPerSecond
  }

  var faults: [String] {
    var faults: [String] = []
    if memoryGrowth > Self.memoryGrowthMost {
      faults.append("memory grew to \(memoryGrowth.text(decimals: 2)) times that of the second quarter")
    }
    if memoryPeak > Self.memoryPeakMost {
      faults.append("memory was up to \(memoryPeak.text(decimals: 2)) times what it mostly was")
    }
    if lagMost > Self.lagSecondsMost * eventsPerSecond {
      faults.append("the engine was up to \(lagMost.text(decimals: 0)) messages behind")
    }
    if rateKept < Self.rateLeast {
      faults.append("only \((rateKept * 100).text(decimals: 1)) % of the rate was kept")
    }
    if delivered != end.received || delivered == 0 {
      faults.append("of \(delivered.text(decimals: 0)) messages \(end.received.text(decimals: 0)) were counted")
    }
    if malformed != end.deadLetters {
      faults.append(
        "\(malformed.text(decimals: 0)) messages were malformed, and dead letters "
          + end.deadLetters.text(decimals: 0))
    }
    return faults
  }

  /// Samples at the start, in the middle and at the end, and the verdict.
  var table: String {
    let middle = samples[samples.count / 2]
    let rows = [(samples[0], "start"), (middle, "middle"), (samples[samples.count - 1], "end"), (end, "all read")]
    let table = rows.map { sample, name in
      [
        name, sample.seconds.text(decimals: 0), sample.offset.text(decimals: 0), sample.lag.text(decimals: 0),
        sample.residentMegabytes.text(decimals: 0), sample.diskMegabytes.text(decimals: 0),
        sample.hotWindows.text(decimals: 0), sample.eventTimeLagSeconds.text(decimals: 1),
        sample.deadLetters.text(decimals: 0),
      ]
    }
    let head = ["", "s", "read", "lag", "RSS MB", "disk MB", "hot windows", "event time lag s", "dead letters"]
    return Output.align([head] + table) + """
      \n
      \(achieved.text(decimals: 0)) events/s, \((rateKept * 100).text(decimals: 1)) % of what was asked for
      memory of the last half \(memoryGrowth.text(decimals: 2)) times that of the second quarter, \
      at most \(memoryPeak.text(decimals: 2)) times that
      at most \(lagMost.text(decimals: 0)) messages behind
      \(cores.text(decimals: 2)) cores for broker, shoppers and engine, \(bytesPerEvent.text(decimals: 1)) bytes/event \
      on disk
      \(faults.isEmpty ? "as promised" : "not as promised")
      """
  }

  var json: [String: Any] {
    [
      "events_per_second": achieved.rounded(decimals: 0), "rate_kept": rateKept.rounded(decimals: 4),
      "memory_growth": memoryGrowth.rounded(decimals: 3), "memory_peak": memoryPeak.rounded(decimals: 3),
      "lag_messages_max": lagMost,
      "resident_megabytes_max": samples.map(\.residentMegabytes).reduce(0, max).rounded(decimals: 0),
      "disk_megabytes": end.diskMegabytes.rounded(decimals: 0), "delivered": delivered, "received": end.received,
      "malformed": malformed, "dead_letters": end.deadLetters, "cores": cores.rounded(decimals: 2),
      "answer_is_right": faults.isEmpty,
    ]
  }

  private func number(_ name: String) -> Double { (sent[name] as? NSNumber)?.doubleValue ?? 0 }
  private var delivered: Double { number("delivered") }
  private var malformed: Double { number("malformed") }

  private var memoryGrowth: Double { residentMegabytes(0.5..<1) / residentMegabytes(0.25..<0.5) }
  private var memoryPeak: Double { samples.map(\.residentMegabytes).reduce(1, max) / residentMegabytes(0.5..<1) }

  /// The median over a part of the run.
  private func residentMegabytes(_ part: Range<Double>) -> Double {
    let range = Int(part.lowerBound * Double(samples.count))..<Int(part.upperBound * Double(samples.count))
    let sorted = samples[range].map(\.residentMegabytes).sorted()
    return sorted.isEmpty ? 1 : max(1, sorted[sorted.count / 2])
  }

  private var lagMost: Double { samples.map(\.lag).reduce(0, max) }

  private var last: DemoSample { samples[samples.count - 1] }
  private var elapsed: Double { max(1, last.seconds - samples[0].seconds) }
  private var achieved: Double { (last.offset - samples[0].offset) / elapsed }
  private var rateKept: Double { achieved / eventsPerSecond }
  private var cores: Double { (last.cpuSeconds - samples[0].cpuSeconds) / elapsed }
  private var bytesPerEvent: Double { end.diskMegabytes * 1e6 / max(1, end.received) }
}
