public import Columns

// Looking: the definition over what is buffered, without changing anything.
extension OpenSessions {
  /// Appends the rows of all open sessions, as the definition over what is buffered gives them.
  public func appendOpen(to rows: inout BatchBuilder) {
    for key in keys { appendOpen(key, to: &rows) }
  }

  /// Appends the rows of the open sessions of the key that hashes to `hash`.
  public func appendOpen(of hash: Hash128, to rows: inout BatchBuilder) {
    if let code = find(hash) { appendOpen(keys[Int(code) - 1], to: &rows) }
  }

  private func appendOpen(_ key: Key, to rows: inout BatchBuilder) {
    for range in rules.sessions(of: key.events) {
      table.append(key: key.bytes, events: key.events[range], texts: texts, to: &rows)
    }
  }

  /// Appends the newest session of each key whose last event is after `time`, at most `limit` of them, those of the
  /// newest last events first; returns how many there are. O(keys + limit log limit).
  public func appendActive(after time: Int64, limit: Int, to rows: inout BatchBuilder) -> Int {
    let active = keys.indices.filter { (keys[$0].events.last?.time ?? .min) > time }
    let newest = active.sorted {
      keys[$0].events[keys[$0].events.count - 1].time
        > keys[$1].events[keys[$1].events.count - 1].time
    }
    for index in newest.prefix(limit) {
      guard let last = rules.sessions(of: keys[index].events).last else { continue }
      table.append(key: keys[index].bytes, events: keys[index].events[last], texts: texts, to: &rows)
    }
    return active.count
  }
}
