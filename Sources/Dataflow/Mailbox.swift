internal import Synchronization

/// What travels along an edge, in order.
public enum Signal<Message: Sendable>: Sendable {
  case message(Message)
  /// The sender expects nothing on time before this any more.
  case watermark(Int64)
  /// Everything before belongs to checkpoint `epoch`, everything behind to a later one (Chandy and Lamport's marker).
  case barrier(UInt64)
  case end
}

/// How full an edge is: what its two ends look at before each step, without a lock and whatever its messages are.
public final class EdgeLoad: Sendable {
  let capacity: Int
  private let signals = Atomic(0)

  init(capacity: Int) { self.capacity = capacity }

  var count: Int { signals.load(ordering: .acquiring) }
  var isEmpty: Bool { count == 0 }
  var hasRoom: Bool { count < capacity }

  func add() { signals.add(1, ordering: .acquiringAndReleasing) }

  /// Whether the edge was full, and has room now.
  func remove() -> Bool { signals.subtract(1, ordering: .acquiringAndReleasing).oldValue == capacity }
}

/// A bounded edge between two vertices: first in, first out.
///
/// `capacity` is the number of credits. A sender runs a step only while every edge it sends on has a credit left, so an
/// edge holds at most `capacity` signals and what one step emits: memory is bounded and a slow receiver slows its
/// senders.
public final class Mailbox<Message: Sendable>: Sendable {
  private struct State {
    var signals: [Signal<Message>?] = []
    var head = 0
  }

  let load: EdgeLoad
  private let state = Mutex(State())

  init(capacity: Int) { load = EdgeLoad(capacity: capacity) }

  func push(_ signal: Signal<Message>) {
    state.withLock { state in
      state.signals.append(signal)
      load.add()
    }
  }

  /// The oldest signal; `freedCredit` tells that the edge was full before.
  func pop() -> (signal: Signal<Message>, freedCredit: Bool)? {
    state.withLock { state in
      guard state.head < state.signals.count, let signal = state.signals[state.head] else { return nil }
      state.signals[state.head] = nil
      state.head += 1
      if state.head == state.signals.count || state.head > 4 * load.capacity {
        state.signals.removeFirst(state.head)
        state.head = 0
      }
      return (signal, load.remove())
    }
  }
}
