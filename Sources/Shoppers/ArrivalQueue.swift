/// What happens next: a binary heap by time; of equal times, what was put in first. O(log n).
struct ArrivalQueue: Sendable {
  /// An index into the open sessions or the lines on their way.
  enum Item: Sendable {
    case session(Int)
    case line(Int)
  }

  private struct Entry: Sendable {
    let time: Int64
    let number: UInt64
    let item: Item

    func precedes(_ other: Entry) -> Bool { time != other.time ? time < other.time : number < other.number }
  }

  private var entries: [Entry] = []
  private var number: UInt64 = 0

  /// The time of the next item, nil if there is none.
  var nextTime: Int64? { entries.first?.time }

  mutating func push(_ item: Item, at time: Int64) {
    let entry = Entry(time: time, number: number, item: item)
    number += 1
    entries.append(entry)
    var position = entries.count - 1
    while position > 0 {
      let parent = (position - 1) / 2
      guard entry.precedes(entries[parent]) else { break }
      entries[position] = entries[parent]
      position = parent
    }
    entries[position] = entry
  }

  mutating func pop() -> (time: Int64, item: Item)? {
    guard let first = entries.first, let last = entries.popLast() else { return nil }
    if entries.isEmpty { return (first.time, first.item) }
    var position = 0
    while true {
      var child = 2 * position + 1
      guard child < entries.count else { break }
      if child + 1 < entries.count, entries[child + 1].precedes(entries[child]) { child += 1 }
      guard entries[child].precedes(last) else { break }
      entries[position] = entries[child]
      position = child
    }
    entries[position] = last
    return (first.time, first.item)
  }
}
