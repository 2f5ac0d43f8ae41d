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

/// A bounded edge between two vertices: first in, first out.
///
/// `capacity` is the number of credits. A sender runs a step only while every edge it sends on has a credit left, so an
/// edge holds at most `capacity` signals and what one step emits: memory is bounded and a slow receiver slows its
/// senders.
public final class Mailbox<Message: Sendable>: Sendable {
  private struct State {
    var signals: [Signal<Message>?] = []
    var head = 0
    var count: Int { signals.count - head }
  }

  let capacity: Int
  private let state = Mutex(State())

  init(capacity: Int) { self.capacity = capacity }

  var hasRoom: Bool { state.withLock { $0.count < capacity } }
  var count: Int { state.withLock { $0.count } }
  var isEmpty: Bool { count == 0 }

  func push(_ signal: Signal<Message>) {
    state.withLock { $0.signals.append(signal) }
  }

  /// The oldest signal; `freedCredit` tells that the edge was full before.
  func pop() -> (signal: Signal<Message>, freedCredit: Bool)? {
    state.withLock { state in
      guard state.count > 0, let signal = state.signals[state.head] else { return nil }
      let wasFull = state.count == capacity
      state.signals[state.head] = nil
      state.head += 1
      if state.head == state.signals.count || state.head > 4 * capacity {
        state.signals.removeFirst(state.head)
        state.head = 0
      }
      return (signal, wasFull)
    }
  }
}
