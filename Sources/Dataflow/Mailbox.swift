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
  /// In credits, of which each signal takes at least one.
  let capacity: Int
  private let credits = Atomic(0)

  init(capacity: Int) { self.capacity = capacity }

  /// Credits that are taken.
  var count: Int { credits.load(ordering: .acquiring) }
  var isEmpty: Bool { count == 0 }
  var hasRoom: Bool { count < capacity }

  func add(_ taken: Int) { credits.add(taken, ordering: .acquiringAndReleasing) }

  /// Whether the edge was full, and has room now.
  func remove(_ taken: Int) -> Bool {
    let (before, after) = credits.subtract(taken, ordering: .acquiringAndReleasing)
    return before >= capacity && after < capacity
  }
}

/// A bounded edge between two vertices: first in, first out.
///
/// `capacity` is the number of credits; a message takes as many as `credits` says, any other signal one. A sender runs
/// a step only while every edge it sends on has a credit left, so an edge holds at most `capacity` credits' worth and
/// what one step emits: memory is bounded and a slow receiver slows its senders.
public final class Mailbox<Message: Sendable>: Sendable {
  /// Places of signals that are gone are kept up to so many.
  private static var emptyPlacesMax: Int { 64 }

  private struct Place {
    let signal: Signal<Message>
    let credits: Int
  }

  private struct State {
    var places: [Place?] = []
    var head = 0
  }

  let load: EdgeLoad
  private let credits: @Sendable (Message) -> Int
  private let state = Mutex(State())

  init(capacity: Int, credits: @escaping @Sendable (Message) -> Int = { _ in 1 }) {
    load = EdgeLoad(capacity: capacity)
    self.credits = credits
  }

  private func credits(_ signal: Signal<Message>) -> Int {
    if case .message(let message) = signal { max(credits(message), 1) } else { 1 }
  }

  func push(_ signal: Signal<Message>) {
    let place = Place(signal: signal, credits: credits(signal))
    state.withLock { state in
      state.places.append(place)
      load.add(place.credits)
    }
  }

  /// The oldest signal; `freedCredit` tells that the edge was full before.
  func pop() -> (signal: Signal<Message>, freedCredit: Bool)? {
    state.withLock { state in
      guard state.head < state.places.count, let place = state.places[state.head] else { return nil }
      state.places[state.head] = nil
      state.head += 1
      if state.head == state.places.count || state.head > Mailbox.emptyPlacesMax {
        state.places.removeFirst(state.head)
        state.head = 0
      }
      return (place.signal, load.remove(place.credits))
    }
  }
}
