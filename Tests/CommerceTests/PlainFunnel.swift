import PlainReference
import Query

/// A funnel as the reference sees it: from each first step, the next step as soon as it comes.
struct PlainFunnel {
  var steps: [String]
  var window: Int64
  var entries: Range<Int64>
  var watermark: Int64

  /// Where one user or session got.
  struct Journey: Equatable {
    var level = 0
    var timeToConvert: Int64 = 0
    var first: PlainEvent?
    var isPending = false
  }

  /// The journey through `events` of one user or session, in their order. Of the chains that get farthest, that which
  /// is there first, and of those at one moment the one that began last.
  func journey(_ events: [PlainEvent]) -> Journey {
    var best = Journey()
    for start in events.indices where events[start].type == steps[0] && entries.contains(events[start].time) {
      var chain = [start]
      while chain.count < steps.count {
        let next = events[(chain[chain.count - 1] + 1)...].firstIndex { $0.type == steps[chain.count] }
        guard let next, events[next].time <= events[start].time + window else { break }
        chain.append(next)
      }
      let time = events[chain[chain.count - 1]].time - events[start].time
      let end = events[start].time + time
      if chain.count > best.level || (chain.count == best.level && end <= (best.first?.time ?? 0) + best.timeToConvert)
      {
        best = Journey(level: chain.count, timeToConvert: time, first: events[start])
      }
      best.isPending = watermark <= events[start].time + window
    }
    return best
  }

  /// The rows of the report: a group's name, where there are groups, then what is printed of each step.
  func rows(
    of journeys: [Journey], groupBy group: ((PlainEvent) -> String?)?
  ) -> [[OutputValue]] {
    let journeys = journeys.filter { $0.level > 0 }
    let groups = Dictionary(grouping: journeys) { journey in group.flatMap { value in journey.first.flatMap(value) } }
    let sorted = groups.sorted { left, right in
      guard let first = left.key, let second = right.key else { return right.key != nil }
      return Array(first.utf8).lexicographicallyPrecedes(Array(second.utf8))
    }
    if group == nil { return rows(journeys) }
    return sorted.flatMap { name, journeys in
      rows(journeys).map { [name.map(OutputValue.text) ?? .null] + $0 }
    }
  }

  private func rows(_ journeys: [Journey]) -> [[OutputValue]] {
    let times = journeys.filter { $0.level == steps.count }.map(\.timeToConvert).sorted()
    return steps.indices.map { step in
      let isLast = step == steps.count - 1
      func users(_ level: Int) -> Int { journeys.count { $0.level >= level } }
      let stayed = journeys.filter { $0.level == step + 1 }
      func percentile(_ percent: Int) -> OutputValue {
        let time = times.first { time in times.count { $0 <= time } * 100 >= times.count * percent }
        return isLast ? time.map(OutputValue.integer) ?? .null : .null
      }
      return [
        .integer(Int64(step + 1)), .text(steps[step]), .integer(Int64(users(step + 1))),
        .integer(Int64(isLast ? stayed.count : users(step + 2))),
        .integer(Int64(isLast ? 0 : stayed.count { !$0.isPending })),
        .integer(Int64(isLast ? 0 : stayed.count(where: \.isPending))),
        isLast ? .null : .ratio(Int128(users(step + 2)), Int128(users(step + 1))),
        .ratio(Int128(users(step + 1)), Int128(users(1))), percentile(50), percentile(95),
      ]
    }
  }
}
