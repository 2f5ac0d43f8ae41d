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
    }
  }

  /// Why `text` is no value for this flag; nil where it is one.
  func problem(with text: String) -> String? {
    switch kind {
    case .toggle: "takes no value"
    case .text: text.isEmpty ? "must not be empty" : nil
    case .choice(let names):
      names.contains(text)
        ? nil : "must be \(names.joined(separator: " or "))" + NearestName.hint(text, among: names)
    case .integer(let range):
      Int64(text).map(range.contains) == true
        ? nil : "must be a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .ratio: RatioText.parse(text) == nil ? "must be a number from 0 to 1, like 0.01" : nil
    case .duration(let range):
      DurationText.parse(text).map(range.contains) == true
        ? nil
        : "must be a duration from \(DurationText.format(range.lowerBound)) to "
          + "\(DurationText.format(range.upperBound)), like '90 s' or '10 minutes'"
    case .time:
      TimeText.parse(text) == nil ? "must be a UTC time, like 2026-01-31 or 2026-01-31T08:00:00Z" : nil
    }
  }
}
