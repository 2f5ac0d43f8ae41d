internal import Synchronization

/// A body that others push into while it is open: the form of server-sent events.
///
/// Bounded: a client that falls `bytesMax` behind is let go, and finds out by the end of its stream that it has to ask
/// again. A client that has left is noticed when something is sent to it, so push a comment line every few seconds.
public final class PushedBody: HTTPBodyStream {
  private struct State {
    var wake: (@Sendable () -> Void)?
    var waiting: [UInt8] = []
    var hasEnded = false
    var isClosed = false
  }

  private let bytesMax: Int
  private let state = Mutex(State())

  public init(bytesMax: Int = 256 * 1024) { self.bytesMax = bytesMax }

  /// Sends bytes behind those that wait already. False, for good, once the client is gone or was let go: forget it.
  @discardableResult public func push(_ bytes: [UInt8]) -> Bool {
    let (isTaken, wake) = state.withLock { state in
      guard !state.isClosed, !state.hasEnded else { return (false, nil as (@Sendable () -> Void)?) }
      let fits = state.waiting.count + bytes.count <= bytesMax
      if fits { state.waiting += bytes } else { state.hasEnded = true }
      return (fits, state.wake)
    }
    wake?()
    return isTaken
  }

  /// Ends the body behind what waits.
  public func end() {
    let wake = state.withLock { state in
      state.hasEnded = true
      return state.wake
    }
    wake?()
  }

  public func open(wake: @escaping @Sendable () -> Void) { state.withLock { $0.wake = wake } }

  public func read() -> HTTPBodyRead {
    state.withLock { state in
      guard state.waiting.isEmpty else {
        defer { state.waiting = [] }
        return .bytes(state.waiting)
      }
      return state.hasEnded ? .end : .pending
    }
  }

  public func stop() { end() }

  public func close() {
    state.withLock {
      $0.isClosed = true
      $0.wake = nil
      $0.waiting = []
    }
  }
}
