internal import Columns

/// How event time is cut into windows `[start, end)`, in milliseconds UTC.
///
///     try WindowShape.parse("hopping 1 hour every 10 minutes").windows(containing: time)  // six of them
///
/// State is kept by *pane*: the longest stretch that no window edge divides. A hopping window is the merge of its
/// panes, so an event is counted once however many windows contain it.
public enum WindowShape: Sendable, Equatable {
  /// Windows of `size` side by side, one of them starting at `offset`.
  case tumbling(size: Int64, offset: Int64 = 0)
  /// Windows of `size` starting every `slide`, one of them at `offset`. `size` need not be a multiple of `slide`; with
  /// a greater `slide`, some times lie in no window.
  case hopping(size: Int64, slide: Int64, offset: Int64 = 0)
  /// Days, weeks or months between the local midnights of a zone.
  case calendar(CalendarUnit, zone: CalendarZone)

  /// The windows that contain `time`, by ascending start. O(size / slide).
  public func windows(containing time: Int64) -> [Range<Int64>] {
    guard case .hopping(let size, let slide, let offset) = self else { return [pane(containing: time)] }
    var windows: [Range<Int64>] = []
    windows.reserveCapacity(Int(size / slide) + 1)
    var start = WindowShape.floor(time - size, slide, offset) + slide
    while start <= time {
      windows.append(start..<start + size)
      start += slide
    }
    return windows
  }

  /// The pane that contains `time`. O(1).
  public func pane(containing time: Int64) -> Range<Int64> {
    switch self {
    case .tumbling(let size, let offset):
      let start = WindowShape.floor(time, size, offset)
      return start..<start + size
    case .hopping(_, _, let offset):
      let size = paneMilliseconds
      let start = WindowShape.floor(time, size, offset)
      return start..<start + size
    case .calendar(let unit, let zone):
      return zone.window(unit, containing: time)
    }
  }

  /// The windows that the pane is a part of, by ascending start. O(size / slide).
  public func windows(overPane pane: Range<Int64>) -> [Range<Int64>] { windows(containing: pane.lowerBound) }

  /// The panes that make up `window`, one of this shape's, by ascending start. O(size / pane).
  public func panes(of window: Range<Int64>) -> [Range<Int64>] {
    guard case .hopping = self else { return [window] }
    let size = paneMilliseconds
    return stride(from: window.lowerBound, to: window.upperBound, by: Int(size)).map { $0..<$0 + size }
  }

  /// The length of a hopping pane, the greatest common divisor of size and slide, or of a tumbling window; for calendar
  /// windows their nominal length (a month is 31 days).
  public var paneMilliseconds: Int64 {
    switch self {
    case .tumbling(let size, _): size
    case .hopping(let size, let slide, _): WindowShape.greatestCommonDivisor(size, slide)
    case .calendar(.day, _): EventTime.day
    case .calendar(.week, _): 7 * EventTime.day
    case .calendar(.month, _): 31 * EventTime.day
    }
  }

  /// The greatest `offset + n × step` that is at most `time`.
  private static func floor(_ time: Int64, _ step: Int64, _ offset: Int64) -> Int64 {
    EventTime.floorDivide(time - offset, step) * step + offset
  }

  private static func greatestCommonDivisor(_ a: Int64, _ b: Int64) -> Int64 {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }
}

/// Why a text is no window shape.
public enum WindowShapeError: Error, Equatable, CustomStringConvertible {
  case syntax(String)
  case duration(String)
  case unknownZone(String)

  public var description: String {
    switch self {
    case .syntax(let text):
      "'\(text)' is no window: write 'tumbling 1 minute', 'hopping 1 hour every 10 minutes', each with 'offset 5 "
        + "minutes' behind it if wanted, or 'calendar day Europe/Berlin' (day, week or month)"
    case .duration(let text):
      "'\(text)' is no duration of a window: write a whole number above 0 (an offset may be 0) and milliseconds, "
        + "seconds, minutes, hours, days or weeks, at most 36500 days"
    case .unknownZone(let name):
      "'\(name)' is no time zone of the tz database: write a name like 'Europe/Berlin' or 'UTC'"
    }
  }
}

extension WindowShape: CustomStringConvertible {
  /// Durations by name, the longest first.
  private static let units: [(name: String, milliseconds: Int64)] = [
    ("week", 7 * EventTime.day), ("day", EventTime.day), ("hour", EventTime.hour), ("minute", EventTime.minute),
    ("second", EventTime.second), ("millisecond", 1),
  ]

  /// What `parse` reads back into an equal shape.
  public var description: String {
    switch self {
    case .tumbling(let size, let offset):
      "tumbling \(WindowShape.text(size))" + WindowShape.offsetText(offset)
    case .hopping(let size, let slide, let offset):
      "hopping \(WindowShape.text(size)) every \(WindowShape.text(slide))" + WindowShape.offsetText(offset)
    case .calendar(let unit, let zone):
      "calendar \(unit.rawValue) \(zone)"
    }
  }

  /// The shape that `text` describes; words are separated by single spaces.
  public static func parse(_ text: String) throws(WindowShapeError) -> WindowShape {
    var words = text.split(separator: " ").map(String.init)
    if words.first == "calendar" {
      guard words.count == 2 || words.count == 3, let unit = CalendarUnit(rawValue: words[1]) else {
        throw .syntax(text)
      }
      return .calendar(unit, zone: words.count == 3 ? try CalendarZone(words[2]) : .utc)
    }
    var offset: Int64 = 0
    if words.count > 3, words[words.count - 3] == "offset" {
      offset = try duration(words[(words.count - 2)...], atLeast: 0)
      words.removeLast(3)
    }
    switch (words.first, words.count) {
    case ("tumbling", 3):
      let size = try duration(words[1...], atLeast: 1)
      return .tumbling(size: size, offset: offset % size)
    case ("hopping", 6) where words[3] == "every":
      let slide = try duration(words[4...], atLeast: 1)
      return .hopping(size: try duration(words[1...2], atLeast: 1), slide: slide, offset: offset % slide)
    default:
      throw .syntax(text)
    }
  }

  private static func duration(_ words: ArraySlice<String>, atLeast least: Int64) throws(WindowShapeError) -> Int64 {
    let text = words.joined(separator: " ")
    guard let count = words.first.flatMap({ Int64($0) }), count >= least, let name = words.last else {
      throw .duration(text)
    }
    for unit in units where name == unit.name || name == unit.name + "s" {
      guard count <= 36_500 * EventTime.day / unit.milliseconds else { break }
      return count * unit.milliseconds
    }
    throw .duration(text)
  }

  private static func text(_ milliseconds: Int64) -> String {
    let unit = units.first { milliseconds % $0.milliseconds == 0 } ?? units[units.count - 1]
    let count = milliseconds / unit.milliseconds
    return "\(count) \(unit.name)\(count == 1 ? "" : "s")"
  }

  private static func offsetText(_ offset: Int64) -> String { offset == 0 ? "" : " offset \(text(offset))" }
}
