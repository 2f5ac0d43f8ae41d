internal import Columns
internal import Windows

// What has to wait on: only what no open session can touch any more is judged.
extension RepairPass {
  /// Takes out the arrivals that may still touch a session that is not sealed; they go on waiting.
  mutating func putBackUnsettled() -> [BatchSlice] {
    guard settled < EventTime.distantFuture else { return [] }
    var times: [Hash128: [Int64]] = [:]
    for (hash, history) in histories { times[hash] = history.entries.map(\.event.time) }
    for arrival in arrivals { times[hash(of: arrival), default: []].append(time(of: arrival)) }
    let unsettledFrom = times.mapValues { firstUnsettled($0.sorted()) }
    var rows: [Int: SelectionVector] = [:]
    var settled: [Arrival] = []
    for arrival in arrivals {
      if time(of: arrival) < unsettledFrom[hash(of: arrival)] ?? .max {
        settled.append(arrival)
      } else {
        rows[arrival.batch, default: []].append(arrival.row)
      }
    }
    arrivals = settled
    return rows.sorted { $0.key < $1.key }.map { BatchSlice(batches[$0.key].batch, rows: $0.value.sorted()) }
  }

  /// The start of the first island among the events at `times`, ascending, that ends too near to `settled`; islands lie
  /// apart by separating gaps.
  private func firstUnsettled(_ times: [Int64]) -> Int64 {
    let rules = repair.plan.sessionRules
    var first = Int64.max
    for index in times.indices.reversed() {
      let next = index + 1 < times.count ? times[index + 1] : Int64.max
      let isLastOfIsland = next == .max || rules.separates(gap: next - times[index])
      if isLastOfIsland, rules.separates(gap: settled.subtractingReportingOverflow(times[index]).partialValue) {
        return first
      }
      first = times[index]
    }
    return first
  }
}
