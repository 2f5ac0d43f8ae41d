package import Checkpoints
package import ColdStore
internal import Columns

/// Chooses what is merged next: segments of one day, of about one size, so that a row is rewritten once for each size
/// on its way up (size-tiered, after BigTable and Cassandra).
///
/// Where nothing is chosen any more, a table has for each day fewer than `fanIn` segments of each size below half of a
/// complete one, besides complete ones; a closed day has one.
package struct MergeChoice: Sendable {
  /// What is still to be rewritten at once: so many complete segments.
  private static let mostSegments = 8
  /// A segment is rewritten when so much of it is deleted: one row of so many.
  private static let rowsPerDeletion = 8

  let rules: CompactionRules
  /// Rows from this sequence number on are left where they are: somebody has not read them yet.
  let sequenceEnd: Int64
  /// Days that end by this time get late rows only; nil where none is over.
  let closedBefore: Int64?
  /// Whether all that can be made smaller is merged, whatever its size.
  let isThorough: Bool
  /// Paths of segments that were merged in another order than rows are to have now.
  let misordered: Set<String>

  package init(
    _ rules: CompactionRules, sequenceEnd: Int64 = .max, closedBefore: Int64? = nil,
    isThorough: Bool = false, misordered: Set<String> = []
  ) {
    self.misordered = misordered
    self.rules = rules
    self.sequenceEnd = sequenceEnd
    self.closedBefore = closedBefore
    self.isThorough = isThorough
  }

  /// The segments of `table` to be merged next, in the order of their rows; empty where it is well as it is.
  ///
  /// - Parameter hasTime: whether days are those of the rows; otherwise no day is ever closed.
  /// - Parameter isFit: whether a day may be merged.
  package func next(
    _ table: TableState, hasTime: Bool = true, isFit: (_ dayMilliseconds: Int64) -> Bool = { _ in true }
  ) -> [SegmentReference] {
    for (day, segments) in candidates(table).sorted(by: { $0.key < $1.key }) where isFit(day) {
      let chosen = chosen(segments, table, isClosed: hasTime && isClosed(day))
      if !chosen.isEmpty { return affordable(chosen) }
    }
    return []
  }

  /// The number of days of `table` that have segments to be merged. O(segments).
  package func dayCount(_ table: TableState, hasTime: Bool = true) -> Int {
    candidates(table).count { day, segments in
      !chosen(segments, table, isClosed: hasTime && isClosed(day)).isEmpty
    }
  }

  /// By day, segments that are not complete and that everybody has read.
  private func candidates(_ table: TableState) -> [Int64: [SegmentReference]] {
    let candidates = table.segments.filter { $0.sequenceEnd <= sequenceEnd && !isSettled($0, table) }
    return Dictionary(grouping: candidates, by: \.dayMilliseconds)
  }

  private func isClosed(_ day: Int64) -> Bool { closedBefore.map { day + EventTime.day <= $0 } ?? false }

  /// Whether it is complete and as it should be.
  private func isSettled(_ segment: SegmentReference, _ table: TableState) -> Bool {
    isLarge(segment) && isMerged(segment, table)
  }

  /// Whether it holds what it is to hold, in order.
  private func isMerged(_ segment: SegmentReference, _ table: TableState) -> Bool {
    segment.level > 0 && !isWorn(segment, table) && !misordered.contains(segment.path)
  }

  private func isLarge(_ segment: SegmentReference) -> Bool { segment.byteCount >= rules.segmentBytes / 2 }

  /// Whether many of its rows are deleted; in thorough work, any.
  private func isWorn(_ segment: SegmentReference, _ table: TableState) -> Bool {
    let deleted = table.deletions[segment.path]?.count ?? 0
    return deleted > 0 && (isThorough || deleted * MergeChoice.rowsPerDeletion >= segment.rowCount)
  }

  private func chosen(
    _ segments: [SegmentReference], _ table: TableState, isClosed: Bool
  ) -> [SegmentReference] {
    let isAlone = segments.count == 1 && isMerged(segments[0], table)
    if isThorough || isClosed { return isAlone ? [] : segments }
    for tier in Set(segments.map(tier)).sorted() where segments.count(where: { self.tier($0) == tier }) >= rules.fanIn {
      return segments.filter { self.tier($0) <= tier }
    }
    return segments.filter { isWorn($0, table) || ($0.level == 0 && isLarge($0)) }
  }

  /// Which size it is of: 0 for the smallest.
  private func tier(_ segment: SegmentReference) -> Int {
    var (tier, bytes) = (0, max(1, rules.smallestBytes))
    while segment.byteCount > bytes, tier < 32 { (tier, bytes) = (tier + 1, bytes * max(2, rules.fanIn)) }
    return tier
  }

  /// The oldest of `segments`, no more than are merged at once.
  private func affordable(_ segments: [SegmentReference]) -> [SegmentReference] {
    var byteCount = 0
    return Array(
      segments.sorted { $0.sequenceEnd < $1.sequenceEnd }.prefix { segment in
        defer { byteCount += segment.byteCount }
        return byteCount < MergeChoice.mostSegments * rules.segmentBytes
      })
  }
}
