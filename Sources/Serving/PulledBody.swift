public import Dispatch
internal import Synchronization

/// A body that is made piece by piece on a queue, one piece ahead of the client: the form of an export.
///
/// Memory is bounded by two pieces, whatever the length of the whole and the speed of the client.
public final class PulledBody: HTTPBodyStream {
  /// Gives the next piece, nil at the end. Runs on the queue; may block and throw.
  public typealias Pull = @Sendable () throws -> [UInt8]?

  private struct State {
    var wake: (@Sendable () -> Void)?
    var ready: HTTPBodyRead?
    var isPulling = false
    var isClosed = false
  }

  private let queue: DispatchQueue
  private let pull: Pull
  private let whenClosed: @Sendable () -> Void
  private let state = Mutex(State())

  /// `queue` is serial. `whenClosed` runs there after the last pull, so that what `pull` reads from can be closed.
  public init(on queue: DispatchQueue, pull: @escaping Pull, whenClosed: @escaping @Sendable () -> Void = {}) {
    self.queue = queue
    self.pull = pull
    self.whenClosed = whenClosed
  }

  public func open(wake: @escaping @Sendable () -> Void) {
    state.withLock { $0.wake = wake }
    pullNext()
  }

  public func read() -> HTTPBodyRead {
    let ready = state.withLock { state in
      let ready = state.ready
      if case .bytes = ready { state.ready = nil }
      return ready
    }
    if case .bytes = ready { pullNext() }
    return ready ?? .pending
  }

  public func stop() {}

  public func close() {
    state.withLock {
      $0.isClosed = true
      $0.wake = nil
      $0.ready = nil
    }
    queue.async(execute: whenClosed)
  }

  private func pullNext() {
    let starts = state.withLock { state in
      guard !state.isPulling, !state.isClosed else { return false }
      state.isPulling = true
      return true
    }
    if starts { queue.async { self.pullOnQueue() } }
  }

  private func pullOnQueue() {
    guard !state.withLock({ $0.isClosed }) else { return }
    do {
      var piece = try pull()
      while piece?.isEmpty == true { piece = try pull() }
      finishPull(piece.map { .bytes($0) } ?? .end)
    } catch {
      finishPull(.failed)
    }
  }

  private func finishPull(_ next: HTTPBodyRead) {
    let wake = state.withLock { state in
      state.isPulling = false
      guard !state.isClosed else { return nil as (@Sendable () -> Void)? }
      state.ready = next
      return state.wake
    }
    wake?()
  }
}
