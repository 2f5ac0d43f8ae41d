internal import Synchronization

/// A body that others push into while it is open: the form of server-sent events.
///
/// Bounded: a client that falls `bytesMax` behind is let go, and finds out by the end of its stream that it has to ask
/// again. A client that has left is noticed when something is sent to it, so push a comment line every few seconds.
///
/// Pieces are kept as they are, so that what is pushed to a thousand bodies is in memory once.
public final class PushedBody: HTTPBodyStream {
  private struct State {
    var wake: (@Sendable () -> Void)?
    var waiting: [[UInt8]] = []
    var waitingByteCount = 0
    var hasEnded = false
    var isClosed = false
  }

  private let bytesMax: Int
  private let whenClosed: @Sendable () -> Void
  private let state = Mutex(State())

  /// - Parameter whenClosed: called once, on the server's thread, when the client is gone or has everything.
  public init(bytesMax: Int = 256 * 1024, whenClosed: @escaping @Sendable () -> Void = {}) {
    self.bytesMax = bytesMax
    self.whenClosed = whenClosed
  }

  /// Sends bytes behind those that wait already. False, for good, once the client is gone or was let go: forget it.
  @discardableResult public func push(_ bytes: [UInt8]) -> Bool {
    let (isTaken, wake) = state.withLock { state in
      guard !state.isClosed, !state.hasEnded else { return (false, nil as (@Sendable () -> Void)?) }
      guard !bytes.isEmpty else { return (true, nil) }
      let fits = state.waitingByteCount + bytes.count <= bytesMax
      if fits {
        state.waiting.append(bytes)
        state.waitingByteCount += bytes.count
      } else {
        state.hasEnded = true
      }
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

  /// The oldest piece. O(pieces that wait), which are few.
  public func read() -> HTTPBodyRead {
    state.withLock { state in
      guard state.waiting.isEmpty else {
        let piece = state.waiting.removeFirst()
        state.waitingByteCount -= piece.count
        return .bytes(piece)
      }
      return state.hasEnded ? .end : .pending
    }
  }

  public func stop() { end() }

  public func close() {
    let isFirst = state.withLock { state in
      defer {
        state.isClosed = true
        state.wake = nil
        state.waiting = []
      }
      return !state.isClosed
    }
    if isFirst { whenClosed() }
  }
}
