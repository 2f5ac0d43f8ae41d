internal import Columns
internal import Windows

/// In what order the events of a day are put when segments are merged: what a look-up or a range finds side by side.
public enum EventOrder: String, Sendable, CaseIterable {
  /// The events of a session one after the other, sessions in the order in which they begin: what they have in common
  /// is stored once, and times and offsets of neighbours are near each other.
  case session
  /// The same of users: all that one did on a day is in one place, and ranges of a day find fewer row groups to leave
  /// out.
  case user
  /// By time.
  case time

  /// What a segment says of its order.
  func columns(_ stored: StoredEvents) -> [String] {
    let rows = [stored.names.eventTime, "source", "offset"]
    return switch self {
    case .session: ["begin of session", "session"] + rows
    case .user: ["begin of user", "user"] + rows
    case .time: rows
    }
  }

  /// The rows of `events` in this order. O(n log n).
  func sorted(_ events: EventBatch) -> SelectionVector {
    switch self {
    case .session: EventOrder.sorted(events) { events.sessionHashes[$0] }
    case .user: EventOrder.sorted(events) { events.userHashes[$0] }
    case .time: (0..<UInt32(events.rowCount)).sorted { EventOrder.precedes(Int($0), Int($1), events) }
    }
  }

  private static func precedes(_ left: Int, _ right: Int, _ events: EventBatch) -> Bool {
    if events.times[left] != events.times[right] { return events.times[left] < events.times[right] }
    return (events.sources[left], events.offsets[left]) < (events.sources[right], events.offsets[right])
  }

  /// Rows by key, keys in the order in which they begin; a key's rows by time, source and offset.
  ///
  /// The keys are sorted, then the rows of each: a handful, so that next to a row's number nothing is held of it.
  private static func sorted<Key: Hashable & Comparable>(_ events: EventBatch, _ key: (Int) -> Key) -> SelectionVector {
    let (places, keyCount) = places(events, key)
    var ends = [Int](repeating: 0, count: keyCount)
    for place in places { ends[Int(place)] += 1 }
    var start = 0
    for place in ends.indices { (start, ends[place]) = (start + ends[place], start) }
    // Each end begins as the start of its key and moves with each of its rows.
    var rows = SelectionVector(repeating: 0, count: events.rowCount)
    for (row, place) in places.enumerated() {
      rows[ends[Int(place)]] = UInt32(row)
      ends[Int(place)] += 1
    }
    start = 0
    for end in ends {
      if end - start > 1 { rows[start..<end].sort { precedes(Int($0), Int($1), events) } }
      start = end
    }
    return rows
  }

  /// For each row the place of its key among all, by their begin.
  private static func places<Key: Hashable & Comparable>(
    _ events: EventBatch, _ key: (Int) -> Key
  ) -> (ofRows: [UInt32], count: Int) {
    var numbers: [Key: UInt32] = [:]
    var keys: [(begin: Int64, key: Key)] = []
    var ofRows = (0..<events.rowCount).map { row in
      let (key, time) = (key(row), events.times[row])
      guard let number = numbers[key] else {
        numbers[key] = UInt32(keys.count)
        keys.append((time, key))
        return UInt32(keys.count - 1)
      }
      keys[Int(number)].begin = min(keys[Int(number)].begin, time)
      return number
    }
    numbers = [:]
    let order = keys.indices.sorted { (keys[$0].begin, keys[$0].key) < (keys[$1].begin, keys[$1].key) }
    var places = [UInt32](repeating: 0, count: keys.count)
    for (place, number) in order.enumerated() { places[number] = UInt32(place) }
    for row in ofRows.indices { ofRows[row] = places[Int(ofRows[row])] }
    return (ofRows, keys.count)
  }
}
