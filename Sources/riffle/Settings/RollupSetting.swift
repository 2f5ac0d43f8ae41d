/// One KPI table as the configuration describes it.
struct RollupSetting: Sendable, Equatable {
  /// How event time is cut. Durations in milliseconds.
  enum Window: Sendable, Equatable {
    case tumbling(sizeMilliseconds: Int64)
    case hopping(sizeMilliseconds: Int64, everyMilliseconds: Int64)
    case calendar(CalendarUnit, timeZone: String)
  }

  enum CalendarUnit: String, Sendable, CaseIterable { case day, week, month }

  /// The table's name: `kpi_1m`.
  var name: String
  var window: Window
  /// The columns that split each window, none for totals.
  var groupBy: [String] = []
}

extension RollupSetting.Window {
  static let forms =
    "'tumbling 1 minute', 'hopping 1 hour every 10 minutes', or 'calendar day|week|month [ZONE]' "
    + "(sizes from 1 s to 31 d; a hop is at most the size and at least a 1000th of it)"

  private static let sizes: ClosedRange<Int64> = 1000...31 * 86_400_000

  /// Reads one of `forms`; nil where `text` is none, or its sizes are out of range.
  init?(text: String) {
    let words = text.split(separator: " ").map(String.init)
    switch words.first {
    case "tumbling":
      guard let size = Self.size(words.dropFirst()) else { return nil }
      self = .tumbling(sizeMilliseconds: size)
    case "hopping":
      guard let every = words.firstIndex(of: "every"), let size = Self.size(words[1..<every]),
        let slide = DurationText.parse(words[(every + 1)...].joined(separator: " ")),
        slide > 0, slide <= size, slide >= size / 1000
      else { return nil }
      self = .hopping(sizeMilliseconds: size, everyMilliseconds: slide)
    case "calendar":
      guard (2...3).contains(words.count), let unit = RollupSetting.CalendarUnit(rawValue: words[1]) else { return nil }
      let zone = words.count == 3 ? words[2] : "UTC"
      guard TimeZoneName.isKnown(zone) else { return nil }
      self = .calendar(unit, timeZone: zone)
    default: return nil
    }
  }

  private static func size(_ words: ArraySlice<String>) -> Int64? {
    DurationText.parse(words.joined(separator: " ")).flatMap { sizes.contains($0) ? $0 : nil }
  }

  /// The form that `init(text:)` reads.
  var text: String {
    switch self {
    case .tumbling(let size): "tumbling \(DurationText.format(size))"
    case .hopping(let size, let every): "hopping \(DurationText.format(size)) every \(DurationText.format(every))"
    case .calendar(let unit, let zone): "calendar \(unit.rawValue) \(zone)"
    }
  }
}
