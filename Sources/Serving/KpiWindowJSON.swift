internal import Columns
internal import Commerce
internal import HotIndex
internal import Query
internal import Telemetry
internal import Windows

/// Writes windows as clients know them: bounds, metrics, performance, completeness.
struct KpiWindowJSON: Sendable {
  /// Decimals of a rate, as `0.1703`, and of money a piece, as `29.43`; exports have more.
  private static let (rateDigits, averageDigits) = (4, 2)

  private static let whyNull =
    "who came in several windows is known from the last commit, which lacks some of their events; ask again after the "
    + "next"

  let rollup: Rollup
  let currency: [UInt8]?
  let completeness: Completeness

  init(_ rollup: Rollup, _ settings: JobSettings, _ completeness: Completeness) {
    self.rollup = rollup
    currency = settings.currency.map { Array($0.utf8) }
    self.completeness = completeness
  }

  /// The members of a window and group.
  func writeMembers(_ window: HotWindow, withPartitions: Bool = false, to json: inout JSONWriter) {
    json.field("_id", identifier(window))
    writeBounds(window.window, to: &json)
    if !rollup.groupBy.isEmpty { writeGroup(window, to: &json) }
    writeMetrics(window, to: &json)
    json.key("performance")
    json.object { json in
      if let updated = window.updatedMilliseconds { json.field("processing_time", time: updated) }
    }
    json.key("completeness")
    json.object { json in
      json.field("status", window.status.rawValue)
      // The store does not keep how often a window was corrected.
      json.field("corrections", window.updatedMilliseconds == nil ? nil : window.corrections)
      json.field("deltas", window.deltas)
      if window.distincts == nil { json.field("null_because", KpiWindowJSON.whyNull) }
      completeness.writeMembers(to: &json)
      json.field("provisional", window.isProvisional)
      if withPartitions { completeness.writePartitions(to: &json) }
    }
  }

  func writeBounds(_ window: Range<Int64>, to json: inout JSONWriter) {
    json.field("window_start", time: window.lowerBound)
    json.field("window_end", time: window.upperBound)
  }

  /// The start, and the group where there is one.
  private func identifier(_ window: HotWindow) -> String {
    let group = window.group.map { $0.map { String(decoding: $0, as: UTF8.self) } ?? "" }
    return ([EventTime.text(window.window.lowerBound)] + group).joined(separator: "/")
  }

  private func writeGroup(_ window: HotWindow, to json: inout JSONWriter) {
    json.key("group")
    json.object { json in
      for (name, value) in zip(rollup.groupBy, window.group) {
        json.field(name, value.map { String(decoding: $0, as: UTF8.self) })
      }
    }
  }

  private func writeMetrics(_ window: HotWindow, to json: inout JSONWriter) {
    let metrics = KpiMetrics(window, measures: rollup.measures, currency: currency)
    json.key("metrics")
    json.object { json in
      for (name, value) in metrics.values { write(name, value, to: &json) }
    }
  }

  private func write(_ name: String, _ value: KpiValue, to json: inout JSONWriter) {
    switch value {
    case .count(let count): json.field(name, count)
    case .ratio(let ratio):
      json.field(name, ratio, digits: KpiWindowJSON.rateDigits, keeping: 0)
      if name == "conversion_rate" { writeInterval(ratio, to: &json) }
    case .average(let ratio):
      json.field(name, ratio, digits: KpiWindowJSON.averageDigits, keeping: KpiWindowJSON.averageDigits)
    case .money(let amount): json.field(name, amount.map(OutputValue.money) ?? .null)
    case .sums(let sums): if !sums.isEmpty { json.field(name, sums: sums) }
    case .flag(let flag):
      json.field(name, flag)
      if flag { json.field("approximate_error", HyperLogLog.standardError) }
    case .unknown:
      json.field(name, OutputValue.null)
      if name == "conversion_rate" { json.field("conversion_rate_ci95", OutputValue.null) }
    }
  }

  /// How much a rate of few sessions can be trusted (SEMANTICS §8).
  private func writeInterval(_ ratio: KpiRatio, to json: inout JSONWriter) {
    json.key("conversion_rate_ci95")
    guard let interval = ratio.interval95 else { return json.null() }
    json.array { json in
      for bound in [interval.lowerBound, interval.upperBound] { json.number((bound * 1e5).rounded() / 1e5) }
    }
  }
}

extension HotWindow {
  /// Whether it can change without anything unusual.
  var isProvisional: Bool { status != .final && status != .amended }
}
