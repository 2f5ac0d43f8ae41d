import Columns
import Testing

@Suite struct EventTimeParsingTests {
  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2016-08-01T07:00:12.332Z", 1_470_034_812_332),
      ("2016-08-01t09:00:12.3329999+02:00", 1_470_034_812_332), ("2016-08-01 05:00:12.3-02:00", 1_470_034_812_300),
      ("2024-02-29T00:00:00z", 1_709_164_800_000), ("0", 0), ("1470034812", 1_470_034_812_000),
      ("1470034812332", 1_470_034_812_332), ("1470034812332999", 1_470_034_812_332),
      ("99999999999", 99_999_999_999_000), ("100000000000", 100_000_000_000),
    ] as [(String, Int64)])
  func timesAreRead(_ text: String, _ milliseconds: Int64) {
    #expect(EventTime.parse(timeOrEpoch: text) == milliseconds)
  }

  @Test(arguments: [
    "", "Z", "now", "2016-08-01", "2016-08-01T07:00:12", "2016-02-30T00:00:00Z", "2023-02-29T00:00:00Z",
    "2016-13-01T00:00:00Z", "2016-00-01T00:00:00Z", "2016-08-01T24:00:00Z", "2016-08-01T07:60:00Z",
    "2016-08-01T07:00:60Z", "2016-08-01T07:00:12.Z", "2016-08-01T07:00:12+2:00", "2016-08-01T07:00:12+02:00x",
    "2016-08-01T07:00:12+0200", "-5", "1e9", "99999999999999999999", "0000-01-01T00:00:00Z", "2016-8-01T07:00:12ZZZ",
  ])
  func whatIsNoTimeIsNone(_ text: String) { #expect(EventTime.parse(timeOrEpoch: text) == nil) }

  @Test(
    arguments: [
      ("2026-01-01", 1_767_225_600_000), ("1970-01-01T00:00:00Z", 0), ("2024-02-29T23:59:59.999Z", 1_709_251_199_999),
      ("2026-01-01T00:00:00.1Z", 1_767_225_600_100), ("2026-01-01T01:00:00+01:00", 1_767_225_600_000),
    ] as [(String, Int64)])
  func datesAreTheirMidnight(_ text: String, _ milliseconds: Int64) {
    #expect(EventTime.parse(dateOrTime: text) == milliseconds)
  }

  @Test(arguments: [
    "", "2026", "2026-13-01", "2026-00-01", "2026-02-29", "2026-01-01T", "2026-01-01T00:00:00", "2026-01-01T24:00:00Z",
    "2026-1-1", "2026-01-01T00:00Z", "+026-01-01", "1767225600", "2026-01-0١", "0000-01-01",
  ])
  func whatIsNoDateIsNone(_ text: String) { #expect(EventTime.parse(dateOrTime: text) == nil) }

  @Test func whatIsPrintedIsRead() {
    for time in stride(from: EventTime.day * -700_000, through: EventTime.day * 2_900_000, by: 86_399_999 * 1009) {
      #expect(EventTime.parse(EventTime.text(time)) == time)
    }
  }
}
