internal import Columns
internal import Windows

// What has to wait on: only what no open session can touch any more is judged.
extension RepairPass {
  /// Whether what follows an event at `time` without a separating gap, if nothing is known to, ends before `settled`.
  func isSettled(behind time: Int64) -> Bool {
    settled >= EventTime.distantFuture || repair.plan.sessionRules.separates(gap: saturatingSum(settled, -time))
  }

  /// Takes out the arrivals that may still touch a session that is not sealed; they go on waiting.
  mutating func putBackUnsettled() {
    guard settled < EventTime.distantFuture else { return }
    var times: [Hash128: [Int64]] = [:]
    for (key, history) in histories { times[key] = history.entries.map(\.event.time) }
    for arrival in arrivals { times[arrival.key, default: []].append(arrival.time) }
    let unsettledFrom = times.mapValues { firstUnsettled($0.sorted()) }
    arrivals.removeAll { $0.time >= unsettledFrom[$0.key] ?? .max }
  }

  /// The start of the first island among the events at `times`, ascending, that ends too near to `settled`; islands lie
  /// apart by separating gaps.
  private func firstUnsettled(_ times: [Int64]) -> Int64 {
    let rules = repair.plan.sessionRules
    var first = Int64.max
    for index in times.indices.reversed() {
      let next = index + 1 < times.count ? times[index + 1] : Int64.max
      let isLastOfIsland = next == .max || rules.separates(gap: next - times[index])
      if isLastOfIsland, isSettled(behind: times[index]) { return first }
      first = times[index]
    }
    return first
  }
}
