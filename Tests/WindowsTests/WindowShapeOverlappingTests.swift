import Columns
import Testing
import Windows

@Suite struct WindowShapeOverlappingTests {
  private static let shapes = [
    "tumbling 7 milliseconds", "tumbling 7 milliseconds offset 3 milliseconds",
    "hopping 10 milliseconds every 4 milliseconds", "hopping 3 milliseconds every 5 milliseconds offset 1 millisecond",
  ]

  /// Every range near zero, against the windows of each of its moments.
  @Test(arguments: shapes) func windowsAreThoseOfEachMoment(_ text: String) throws {
    let shape = try WindowShape.parse(text)
    for start in Int64(-12)..<12 {
      for end in start + 1..<start + 25 {
        let windows = shape.windows(overlapping: start..<end)
        let expected = Set((start..<end).flatMap { shape.windows(containing: $0) })
        #expect(windows == expected.sorted { $0.lowerBound < $1.lowerBound }, "\(text) over \(start)..<\(end)")
        #expect(Int64(windows.count) <= shape.windowCount(overMilliseconds: end - start))
        let hull = shape.hull(overlapping: start..<end)
        #expect(windows.allSatisfy { hull.lowerBound <= $0.lowerBound && $0.upperBound <= hull.upperBound })
        #expect(hull.lowerBound <= start && hull.upperBound >= end)
      }
    }
  }

  @Test func daysAreThoseOfTheirZone() throws {
    let shape = try WindowShape.parse("calendar day Europe/Berlin")
    // 2023-10-28T12:00Z to 2023-10-30T12:00Z, over the end of summer time.
    let windows = shape.windows(overlapping: 1_698_494_400_000..<1_698_667_200_000)
    #expect(windows.map { $0.upperBound - $0.lowerBound } == [24, 25, 24].map { $0 * EventTime.hour })
  }
}
