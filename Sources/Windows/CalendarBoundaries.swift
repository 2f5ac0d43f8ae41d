internal import Columns
internal import Foundation

/// The calendar's units; weeks are ISO 8601's, from Monday.
public enum CalendarUnit: String, Sendable, CaseIterable {
  case day, week, month
}

/// A time zone's calendar: when its days, weeks and months begin, in event time.
///
/// Local midnights come from the tz database, so a day has 23, 24 or 25 hours. Where clocks skip midnight, the day
/// begins at the skip; where midnight comes twice, at the first; a date that a zone skipped whole has no window. The
/// beginnings of the days of 1970 to 2100 are computed once, when the zone is made (400 kB; nothing for a zone of
/// constant offset); assignment is then a guess by division and a compare or two. Before and after those years days
/// have 24 hours.
///
/// Immutable, hence free to share; equal if the names are.
public struct CalendarZone: Sendable, Equatable, CustomStringConvertible {
  /// Name in the tz database: `Europe/Berlin`.
  public let identifier: String
  private let days: DayTable

  public static let utc = CalendarZone(utc: "UTC")

  private init(utc identifier: String) {
    self.identifier = identifier
    days = DayTable(offsets: [(EventTime.distantPast, 0)])
  }

  /// The zone of that name.
  /// - Throws: `WindowShapeError.unknownZone` if the tz database has no such name.
  public init(_ identifier: String) throws(WindowShapeError) {
    if identifier == "UTC" {
      self = .utc
      return
    }
    guard let zone = TimeZone(identifier: identifier) else { throw .unknownZone(identifier) }
    self.identifier = identifier
    days = DayTable(offsets: CalendarZone.offsets(of: zone))
  }

  public var description: String { identifier }

  public static func == (left: CalendarZone, right: CalendarZone) -> Bool { left.identifier == right.identifier }

  /// The local day that is so many days after 1970-01-01, as `[start, end)` in milliseconds UTC. O(1).
  public func day(_ number: Int) -> Range<Int64> { days.start(number)..<days.start(number + 1) }

  /// The day, week or month that contains `time`, as `[start, end)` in milliseconds UTC. O(1).
  public func window(_ unit: CalendarUnit, containing time: Int64) -> Range<Int64> {
    let day = days.day(containing: time)
    switch unit {
    case .day:
      return days.start(day)..<days.start(day + 1)
    case .week:
      // 1970-01-01 was a Thursday, three days after the Monday of its week.
      let monday = day - ((day + 3) % 7 + 7) % 7
      return days.start(monday)..<days.start(monday + 7)
    case .month:
      let date = EventTime.civil(days: day)
      let first = EventTime.days(year: date.year, month: date.month, day: 1)
      let next = EventTime.days(year: date.year + date.month / 12, month: date.month % 12 + 1, day: 1)
      return days.start(first)..<days.start(next)
    }
  }

  /// Offsets from UTC in milliseconds with the times from which they hold, over the years of the table.
  private static func offsets(of zone: TimeZone) -> [(from: Int64, offset: Int64)] {
    var date = Date(timeIntervalSince1970: 0)
    let end = Date(timeIntervalSince1970: Double(DayTable.lastDay) * 86_400)
    var offsets = [(from: EventTime.distantPast, offset: Int64(zone.secondsFromGMT(for: date)) * 1000)]
    while let next = zone.nextDaylightSavingTimeTransition(after: date), next > date, next < end {
      let offset = Int64(zone.secondsFromGMT(for: next)) * 1000
      if offset != offsets[offsets.count - 1].offset {
        offsets.append((Int64(next.timeIntervalSince1970 * 1000), offset))
      }
      date = next
    }
    return offsets
  }
}

/// When each local day begins: `starts[n]` for day n since 1970-01-01, ascending. Empty for a constant offset.
private struct DayTable: Sendable {
  /// 2100-12-31, the last day of the table.
  static let lastDay = 47_846

  private let starts: [Int64]
  /// Offsets from UTC before and after the table, in milliseconds.
  private let firstOffset: Int64
  private let lastOffset: Int64

  init(offsets: [(from: Int64, offset: Int64)]) {
    firstOffset = offsets[0].offset
    lastOffset = offsets[offsets.count - 1].offset
    starts = offsets.count == 1 ? [] : DayTable.starts(offsets)
  }

  /// A day begins at the first instant whose local time has reached its midnight: inside a stretch of constant offset
  /// that is the midnight itself, or the stretch's beginning if clocks were set forward past it.
  private static func starts(_ offsets: [(from: Int64, offset: Int64)]) -> [Int64] {
    var starts: [Int64] = []
    starts.reserveCapacity(lastDay + 1)
    var stretch = 0
    for day in 0...lastDay {
      let midnight = Int64(day) * EventTime.day
      while stretch + 1 < offsets.count, midnight - offsets[stretch].offset >= offsets[stretch + 1].from {
        stretch += 1
      }
      starts.append(max(midnight - offsets[stretch].offset, offsets[stretch].from))
    }
    return starts
  }

  func start(_ day: Int) -> Int64 {
    if starts.isEmpty || day < 0 { return Int64(day) * EventTime.day - firstOffset }
    return day < starts.count ? starts[day] : Int64(day) * EventTime.day - lastOffset
  }

  /// The last day that begins at `time` or before.
  func day(containing time: Int64) -> Int {
    var day = Int(EventTime.floorDivide(time, EventTime.day))
    while start(day) > time { day -= 1 }
    while start(day + 1) <= time { day += 1 }
    return day
  }
}
