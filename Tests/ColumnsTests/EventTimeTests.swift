import Columns
import Testing

@Suite struct EventTimeTests {
  @Test func everyDayOfFourCenturiesRoundTrips() {
    var expected = EventTime.days(year: 1900, month: 1, day: 1)
    for year in 1900..<2300 {
      for month in 1...12 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let length = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        for day in 1...length {
          #expect(EventTime.days(year: year, month: month, day: day) == expected)
          #expect(EventTime.civil(days: expected) == (year, month, day))
          expected += 1
        }
      }
    }
  }

  @Test func textHasMillisecondsOnlyWhereThereAreAny() {
    #expect(EventTime.text(1_470_034_812_000) == "2016-08-01T07:00:12Z")
    #expect(EventTime.text(1_470_035_092_332) == "2016-08-01T07:04:52.332Z")
    #expect(EventTime.text(-1) == "1969-12-31T23:59:59.999Z")
  }
}
