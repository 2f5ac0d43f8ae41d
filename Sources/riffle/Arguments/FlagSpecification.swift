import Columns
import Telemetry

/// One flag as the command table declares it; parsing, checks and help follow from this alone.
struct FlagSpecification: Sendable {
  /// What a flag takes.
  enum Kind: Sendable {
    case toggle
    case text(String)
    case choice([String])
    case integer(ClosedRange<Int64>)
    case ratio
    case duration(ClosedRange<Int64>)
    case time
    /// Messages per second, or `max`.
    case rate
    /// How many times faster than it happened: `60x`.
    case speed
  }

  /// Without the dashes: `output`.
  let name: String
  let kind: Kind
  /// What holds where the flag is absent; nil where nothing does.
  var defaultText: String?
  var isRepeatable = false
  var isRequired = false
  /// One line, starting with a verb or a noun, without a full stop.
  let summary: String

  /// What stands for the value in help: `FILE`, `ndjson|csv`.
  var placeholder: String? {
    switch kind {
    case .toggle: nil
    case .text(let placeholder): placeholder
    case .choice(let names): names.joined(separator: "|")
    case .integer: "N"
    case .ratio: "RATIO"
    case .duration: "DURATION"
    case .time: "TIME"
    case .rate: "RATE"
    case .speed: "SPEED"
    }
  }

  /// What is wrong with `text` as a value of this flag, to follow its name; nil where nothing is.
  func problem(with text: String) -> String? {
    isAllowed(text) ? nil : "must be \(allowed), not '\(text)'" + hint(text)
  }

  private func isAllowed(_ text: String) -> Bool {
    switch kind {
    case .toggle: false
    case .text: !text.isEmpty
    case .choice(let names): names.contains(text)
    case .integer(let range): Int64(text).map(range.contains) ?? false
    case .ratio: RatioText.parse(text) != nil
    case .duration(let range): DurationText.parse(text).map(range.contains) ?? false
    case .time: EventTime.parse(dateOrTime: text) != nil
    case .rate: PaceText.rate(text) != nil
    case .speed: PaceText.speed(text) != nil
    }
  }

  private var allowed: String {
    switch kind {
    case .toggle: "without a value"
    case .text(let placeholder): "a \(placeholder)"
    case .choice(let names): FlagSpecification.alternatives(names)
    case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .ratio: "a number from 0 to 1, like 0.01"
    case .duration(let range):
      "a duration from \(DurationText.format(range.lowerBound)) to \(DurationText.format(range.upperBound)), "
        + "like '90 s' or '10 minutes'"
    case .time: "a date in UTC or a time, like 2026-01-31 or 2026-01-31T08:00:00Z"
    case .rate: "a number of messages per second up to 10000000, like 2000, or max"
    case .speed: "a factor from 0.001x to 1000000x, like 60x"
    }
  }

  /// `a`, `a or b`, `a, b or c`.
  private static func alternatives(_ names: [String]) -> String {
    guard let last = names.last, names.count > 1 else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " or " + last
  }

  private func hint(_ text: String) -> String {
    if case .choice(let names) = kind { NearestName.hint(text, among: names) } else { "" }
  }
}
