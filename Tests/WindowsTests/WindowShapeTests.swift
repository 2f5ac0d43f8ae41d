import Columns
import Foundation
import TestSupport
import Testing
import Windows

@Suite struct WindowShapeTests {
  /// The golden vector T4.
  @Test func goldenHopping() {
    let shape = WindowShape.hopping(size: 60, slide: 20)
    #expect(shape.windows(containing: 130) == [80..<140, 100..<160, 120..<180])
  }

  @Test func hoppingAgreesWithTryingEveryStart() {
    var random = SeededRandom(seed: 4)
    for _ in 0..<2000 {
      let (size, slide) = (Int64.random(in: 1...30, using: &random), Int64.random(in: 1...30, using: &random))
      let offset = Int64.random(in: 0..<slide, using: &random)
      let time = Int64.random(in: -100...200, using: &random)
      let shape = WindowShape.hopping(size: size, slide: slide, offset: offset)
      let expected = (time - size...time).filter { ($0 - offset) % slide == 0 && $0 + size > time }.map {
        $0..<$0 + size
      }
      #expect(shape.windows(containing: time) == expected, "\(shape) at \(time)")
      let pane = shape.pane(containing: time)
      #expect(pane.contains(time))
      #expect(shape.windows(overPane: pane) == expected)
      for window in expected {
        #expect(shape.panes(of: window).contains(pane))
        #expect(window.lowerBound <= pane.lowerBound && pane.upperBound <= window.upperBound)
      }
    }
  }

  @Test func tumblingRoundsDownAlsoBeforeZero() {
    #expect(WindowShape.tumbling(size: 60).windows(containing: 119) == [60..<120])
    #expect(WindowShape.tumbling(size: 60).windows(containing: -1) == [-60..<0])
    #expect(WindowShape.tumbling(size: 60, offset: 15).windows(containing: 14) == [-45..<15])
  }

  @Test(arguments: [
    "tumbling 1 minute", "tumbling 90 seconds offset 5 seconds", "hopping 1 hour every 10 minutes",
    "hopping 1 day every 7 hours offset 1 millisecond", "calendar day Europe/Berlin", "calendar week UTC",
    "calendar month America/New_York",
  ])
  func descriptionParsesBack(_ text: String) throws {
    let shape = try WindowShape.parse(text)
    #expect(shape.description == text)
    #expect(try WindowShape.parse(shape.description) == shape)
  }

  @Test func wrongTextsAreRefusedWithAReason() {
    for text in ["", "tumbling", "tumbling 1", "sliding 1 minute", "hopping 1 hour", "calendar year UTC", "calendar"] {
      #expect(throws: WindowShapeError.syntax(text)) { try WindowShape.parse(text) }
    }
    for text in ["0 minutes", "-1 minutes", "1.5 hours", "1 fortnight", "99999999999999999 days", "1000000000 weeks"] {
      #expect(throws: WindowShapeError.duration(text)) { try WindowShape.parse("tumbling " + text) }
    }
    #expect(throws: WindowShapeError.unknownZone("Mars/Olympus")) { try WindowShape.parse("calendar day Mars/Olympus") }
  }
}

@Suite struct CalendarBoundariesTests {
  private func time(_ year: Int, _ month: Int, _ day: Int, hour: Int64 = 0) -> Int64 {
    Int64(EventTime.days(year: year, month: month, day: day)) * EventTime.day + hour * EventTime.hour
  }

  @Test func daysOfBerlinHave23And25Hours() throws {
    let berlin = try CalendarZone("Europe/Berlin")
    let spring = berlin.window(.day, containing: time(2024, 3, 31, hour: 12))
    #expect(spring == time(2024, 3, 30, hour: 23)..<time(2024, 3, 31, hour: 22))
    let autumn = berlin.window(.day, containing: time(2024, 10, 27, hour: 12))
    #expect(autumn == time(2024, 10, 26, hour: 22)..<time(2024, 10, 27, hour: 23))
  }

  @Test func weeksBeginOnMonday() {
    let week = CalendarZone.utc.window(.week, containing: time(2024, 12, 31, hour: 5))
    #expect(week == time(2024, 12, 30)..<time(2025, 1, 6))
    #expect(CalendarZone.utc.window(.week, containing: 0) == time(1969, 12, 29)..<time(1970, 1, 5))
  }

  @Test func monthsFollowTheZone() throws {
    let month = try CalendarZone("America/New_York").window(.month, containing: time(2024, 3, 15))
    #expect(month == time(2024, 3, 1, hour: 5)..<time(2024, 4, 1, hour: 4))
    #expect(CalendarZone.utc.window(.month, containing: time(2023, 12, 31)) == time(2023, 12, 1)..<time(2024, 1, 1))
  }

  /// Samoa had no 30 December 2011: the day before ends where the 31st begins.
  @Test func aSkippedDateHasNoWindow() throws {
    let apia = try CalendarZone("Pacific/Apia")
    let before = apia.window(.day, containing: time(2011, 12, 30, hour: 9))
    let after = apia.window(.day, containing: time(2011, 12, 30, hour: 10))
    #expect(before == time(2011, 12, 29, hour: 10)..<time(2011, 12, 30, hour: 10))
    #expect(after == time(2011, 12, 30, hour: 10)..<time(2011, 12, 31, hour: 10))
  }

  /// Every day's window against the zone's own offsets, in zones with rules old and new, at midnight and elsewhere.
  @Test(arguments: [
    "Europe/Berlin", "America/Sao_Paulo", "Asia/Beirut", "Asia/Kathmandu", "Europe/Moscow", "Australia/Lord_Howe",
    "UTC",
    "Africa/Casablanca",
  ])
  func windowsAgreeWithTheOffsets(_ name: String) throws {
    let zone = try CalendarZone(name)
    let reference = try #require(TimeZone(identifier: name))
    func localDay(_ time: Int64) -> Int64 {
      let offset = reference.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time) / 1000))
      return EventTime.floorDivide(time + Int64(offset) * 1000, EventTime.day)
    }
    var random = SeededRandom(seed: 9)
    for _ in 0..<3000 {
      let time = Int64.random(in: 0...EventTime.day * 36_500, using: &random)
      for unit in CalendarUnit.allCases { #expect(zone.window(unit, containing: time).contains(time)) }
      let day = zone.window(.day, containing: time)
      #expect(localDay(time) == localDay(day.lowerBound), "\(name) at \(EventTime.text(time))")
      #expect(localDay(day.lowerBound) > localDay(day.lowerBound - 1), "\(name) at \(EventTime.text(time))")
      #expect(localDay(day.upperBound) > localDay(day.upperBound - 1), "\(name) at \(EventTime.text(time))")
      #expect(zone.window(.day, containing: day.upperBound).lowerBound == day.upperBound)
    }
  }
}
