import Checkpoints
import ColdStore
import Columns
import Landing
import TestSupport
import Testing

/// What is merged next, against plain words for it.
@Suite struct MergeChoiceTests {
  private static func rules(fanIn: Int) -> CompactionRules {
    var rules = CompactionRules()
    rules.fanIn = fanIn
    rules.smallestBytes = 100
    rules.segmentBytes = 10_000
    return rules
  }

  private static func segment(
    _ number: Int, bytes: Int, day: Int64 = 0, level: Int = 0, sequenceEnd: Int64 = 1
  ) -> SegmentReference {
    SegmentReference(
      path: "numbers/\(number)", byteCount: bytes, rowCount: max(1, bytes / 10), checksum: 0,
      dayMilliseconds: day * EventTime.day, level: level, sequenceEnd: sequenceEnd)
  }

  private static func state(_ segments: [SegmentReference], _ deletions: [String: DeletionVector] = [:]) -> TableState {
    TableState(name: "numbers", schema: StoreFixture.schema, segments: segments, deletions: deletions)
  }

  /// The sizes that segments are told apart by: up to 100 bytes, up to 100 × fan-in, and so on.
  private static func size(_ bytes: Int, fanIn: Int) -> Int {
    (0...).first { size in bytes <= (0..<size).reduce(100) { limit, _ in limit * fanIn } } ?? 0
  }

  /// Whatever is written, and in whatever order: a day has fewer than `fanIn` segments of each size, and each byte was
  /// rewritten no oftener than there are sizes.
  @Test(arguments: [2, 4], 1...5 as ClosedRange<UInt64>) func filesStayFew(fanIn: Int, seed: UInt64) {
    let rules = Self.rules(fanIn: fanIn)
    var random = SeededRandom(seed: seed)
    var (segments, number, written, rewritten) = ([SegmentReference](), 0, 0, 0)
    for _ in 0..<400 {
      number += 1
      let bytes = 1 + Int(random.next() % 300)
      segments.append(Self.segment(number, bytes: bytes, day: Int64(random.next() % 3), sequenceEnd: Int64(number)))
      written += bytes
      while true {
        let chosen = MergeChoice(rules).next(Self.state(segments))
        #expect(chosen.isEmpty == (MergeChoice(rules).dayCount(Self.state(segments)) == 0))
        guard let first = chosen.first else { break }
        #expect(Set(chosen.map(\.dayMilliseconds)).count == 1)
        #expect(chosen.map(\.sequenceEnd) == chosen.map(\.sequenceEnd).sorted())
        let sum = chosen.reduce(0) { $0 + $1.byteCount }
        rewritten += sum
        number += 1
        segments.removeAll { segment in chosen.contains { $0.path == segment.path } }
        segments.append(
          Self.segment(
            number, bytes: sum, day: first.dayMilliseconds / EventTime.day, level: (chosen.map(\.level).max() ?? 0) + 1,
            sequenceEnd: chosen.map(\.sequenceEnd).max() ?? 0))
      }
      for (_, day) in Dictionary(grouping: segments, by: \.dayMilliseconds) {
        let small = day.filter { $0.byteCount < 5_000 }
        let sizes = Dictionary(grouping: small) { Self.size($0.byteCount, fanIn: fanIn) }
        #expect(sizes.values.allSatisfy { $0.count < fanIn })
        #expect(day.count { $0.byteCount >= 5_000 && $0.level == 0 } == 0)
      }
    }
    #expect(rewritten <= written * (Self.size(5_000, fanIn: fanIn) + 2))
  }

  @Test func nothingIsChosenThatIsStillToBeRead() {
    let segments = (1...6).map { Self.segment($0, bytes: 50, sequenceEnd: Int64($0) * 10) }
    let choice = MergeChoice(Self.rules(fanIn: 4), sequenceEnd: 45)
    #expect(choice.next(Self.state(segments)).map(\.sequenceEnd) == [10, 20, 30, 40])
    #expect(MergeChoice(Self.rules(fanIn: 4), sequenceEnd: 39).next(Self.state(segments)).isEmpty)
  }

  @Test func aClosedDayHasOneSmallSegment() {
    let segments = [
      Self.segment(1, bytes: 50, day: 1, level: 1), Self.segment(2, bytes: 900, day: 1, level: 2),
      Self.segment(3, bytes: 9_000, day: 1, level: 3), Self.segment(4, bytes: 50, day: 2),
      Self.segment(5, bytes: 50, day: 3, level: 1),
    ]
    func chosen(_ segments: [SegmentReference], _ closedBefore: Int64?, hasTime: Bool = true) -> [String] {
      MergeChoice(Self.rules(fanIn: 4), closedBefore: closedBefore).next(Self.state(segments), hasTime: hasTime)
        .map(\.path)
    }
    #expect(chosen(segments, 2 * EventTime.day) == ["numbers/1", "numbers/2"])
    #expect(chosen(segments, 2 * EventTime.day - 1).isEmpty)
    #expect(chosen(segments, 2 * EventTime.day, hasTime: false).isEmpty)
    #expect(chosen(segments, nil).isEmpty)
    // One that is as it came is sorted; one that was merged before stays.
    #expect(chosen(Array(segments.dropFirst(2)), 4 * EventTime.day) == ["numbers/4"])
    #expect(chosen([segments[2], segments[4]], 9 * EventTime.day).isEmpty)
  }

  @Test func manyDeletedRowsAreReasonEnough() {
    let segment = Self.segment(1, bytes: 9_000, level: 2)
    let few = ["numbers/1": DeletionVector((0..<50).map { UInt32($0) })]
    let many = ["numbers/1": DeletionVector((0..<113).map { UInt32($0) })]
    let choice = MergeChoice(Self.rules(fanIn: 4))
    #expect(choice.next(Self.state([segment])).isEmpty)
    #expect(choice.next(Self.state([segment], few)).isEmpty)
    #expect(choice.next(Self.state([segment], many)).count == 1)
    #expect(MergeChoice(Self.rules(fanIn: 4), isThorough: true).next(Self.state([segment], few)).count == 1)
  }

  @Test func noMoreIsMergedAtOnceThanIsAffordable() {
    let segments = (1...40).map { Self.segment($0, bytes: 9_000, sequenceEnd: Int64($0)) }
    #expect(MergeChoice(Self.rules(fanIn: 4)).next(Self.state(segments)).map(\.sequenceEnd) == Array(1...9))
    #expect(MergeChoice(Self.rules(fanIn: 4)).next(Self.state(segments)) { $0 != 0 }.isEmpty)
  }
}
