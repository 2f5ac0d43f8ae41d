internal import Synchronization
internal import Telemetry

/// When a part of an engine that never rests last showed that it works.
public struct LifeSign: Sendable, Equatable {
  public let name: String
  public let ageMilliseconds: Int64

  public init(name: String, ageMilliseconds: Int64) {
    self.name = name
    self.ageMilliseconds = ageMilliseconds
  }
}

/// Keeps the newest sign of each such part, while the engine runs a graph.
final class LifeSigns: Sendable {
  enum Part: String, CaseIterable {
    /// The thread that keeps the clocks going.
    case clock
    /// The queues of the operators, of which the merger's is asked all the time.
    case graph
  }

  /// On the monotonic clock; empty while nothing runs.
  private let times = Mutex<[Part: Int64]>([:])

  func begin() {
    let now = MonotonicClock.nowMilliseconds()
    times.withLock { times in for part in Part.allCases { times[part] = now } }
  }

  /// Counts only while a sign is expected: the last one of a run may come when it is over.
  func give(_ part: Part) {
    let now = MonotonicClock.nowMilliseconds()
    times.withLock { if $0[part] != nil { $0[part] = now } }
  }

  /// From here on nobody expects a sign.
  func end() { times.withLock { $0 = [:] } }

  var all: [LifeSign] {
    let now = MonotonicClock.nowMilliseconds()
    let times = times.withLock { $0 }
    return Part.allCases.compactMap { part in
      times[part].map { LifeSign(name: part.rawValue, ageMilliseconds: max(0, now - $0)) }
    }
  }
}
