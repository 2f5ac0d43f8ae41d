public import Columns
internal import Encodings

/// The first events of a key's buffer that left it, since their sessions were sealed.
public struct SealedPrefix: Sendable, Equatable {
  public let key: Hash128
  public let eventCount: Int
}

// Sealing: what no admissible event can touch any more leaves.
extension OpenSessions {
  /// Appends the rows of all sessions that are sealed at `horizon` (the watermark less the allowed lateness).
  public mutating func seal(at horizon: Int64, into rows: inout BatchBuilder) {
    raiseHorizon(to: horizon)
    guard earliestDue <= bucket(horizon) else { return }
    let ready = due.keys.filter { $0 <= bucket(horizon) }
    for bucket in ready {
      for code in due.removeValue(forKey: bucket) ?? [] where keys[Int(code) - 1].dueBucket == bucket {
        seal(code, at: horizon, into: &rows)
      }
    }
    earliestDue = due.keys.min() ?? EventTime.distantFuture
    if texts.count > textLimit { dropUnusedTexts() }
  }

  /// Appends the rows of all sessions: the input has ended. The horizon stays where the data left it, since more may
  /// come in a later run, whose sessions are due by it.
  public mutating func sealAll(into rows: inout BatchBuilder) {
    for index in keys.indices where !keys[index].events.isEmpty {
      seal(UInt32(index + 1), at: EventTime.distantFuture, into: &rows)
    }
    due = [:]
    earliestDue = EventTime.distantFuture
  }

  mutating func raiseHorizon(to horizon: Int64) { self.horizon = max(self.horizon, horizon) }

  private mutating func seal(_ code: UInt32, at horizon: Int64, into rows: inout BatchBuilder) {
    let index = Int(code) - 1
    let prefix = rules.sealedPrefix(of: keys[index].events, horizon: horizon)
    for range in prefix {
      table.append(key: keys[index].bytes, events: keys[index].events[range], texts: texts, to: &rows)
    }
    if let end = prefix.last?.upperBound { removePrefix(of: index, end) }
    scheduleNext(code)
  }

  private mutating func removePrefix(of index: Int, _ count: Int) {
    keys[index].events.removeFirst(count)
    eventCount -= count
    sealed?.append(SealedPrefix(key: keys[index].hash, eventCount: count))
  }

  /// Lets the key be looked at when its first session may be sealed; it goes if it has none.
  private mutating func scheduleNext(_ code: UInt32) {
    let index = Int(code) - 1
    keys[index].dueBucket = .max
    guard let next = rules.sessions(of: keys[index].events).first else { return remove(code) }
    schedule(code, at: saturatingAdd(keys[index].events[next.upperBound - 1].time, rules.gapMilliseconds))
  }

  private mutating func remove(_ code: UInt32) {
    let index = Int(code) - 1
    codes.remove(code, hash: keys[index].hash.low)
    keys[index].bytes = []
    keys[index].events = []
    keys[index].dueBucket = .max
    unused.append(code)
  }

  /// Lets the key be looked at `time` or earlier; a minute or two later, since that is done by the minute.
  mutating func schedule(_ code: UInt32, at time: Int64) {
    // The next bucket: in its own one the key might be asked before its time has come.
    let bucket = max(bucket(time), bucket(horizon)) + 1
    guard bucket < keys[Int(code) - 1].dueBucket else { return }
    keys[Int(code) - 1].dueBucket = bucket
    due[bucket, default: []].append(code)
    earliestDue = min(earliestDue, bucket)
  }

  private func bucket(_ time: Int64) -> Int64 { EventTime.floorDivide(time, EventTime.minute) }

  /// What was sealed since the last call, in the order it was.
  mutating func takeSealed() -> [SealedPrefix] {
    defer { if sealed != nil { sealed = [] } }
    return sealed ?? []
  }

  /// Takes out again what left the buffers by being sealed, after the events of the same time were restored: those
  /// that came after a seal stand behind what was sealed.
  mutating func remove(_ prefixes: [SealedPrefix]) throws(CorruptionError) {
    for prefix in prefixes {
      guard let code = find(prefix.key) else { continue }
      guard prefix.eventCount <= keys[Int(code) - 1].events.count else {
        throw CorruptionError("a session was sealed with more events than it had")
      }
      removePrefix(of: Int(code) - 1, prefix.eventCount)
      scheduleNext(code)
    }
  }

  private mutating func dropUnusedTexts() {
    var copy = SessionTextsCopy()
    for index in keys.indices {
      for position in keys[index].events.indices {
        keys[index].events[position] = copy.event(keys[index].events[position], of: texts)
      }
    }
    texts = copy.target
    forgetCodes()
    textLimit = max(leastTextLimit, texts.count * 2)
  }
}
