public import Dispatch
internal import Synchronization

/// What a handler gives back. Handlers run on the server's only thread: what could wait answers `later`.
public enum HTTPAnswer: Sendable {
  case now(HTTPResponse)
  /// The connection is put aside; the closure is called at once, hands the promise to a queue and returns.
  case later(@Sendable (HTTPPromise) -> Void)

  /// Answers with what `work` gives on `queue`; what it throws becomes a problem.
  public static func later(
    on queue: DispatchQueue, _ work: @escaping @Sendable () throws -> HTTPResponse
  ) -> HTTPAnswer {
    .later { promise in queue.async { promise.fulfill(Result { try work() }) } }
  }
}

/// The duty to answer one request, from any thread. The first answer counts; a promise that is dropped answers 500.
public final class HTTPPromise: Sendable {
  private let pending: PendingAnswer

  init(_ pending: PendingAnswer) { self.pending = pending }

  deinit { pending.resolve(.failure(HTTPFailure.internalError)) }

  public func fulfill(_ response: HTTPResponse) { pending.resolve(.success(response)) }

  /// Answers with a response, or with the problem that an error is.
  public func fulfill(_ result: Result<HTTPResponse, any Error>) { pending.resolve(result) }
}

/// The answer of a connection that is put aside, and how to go on with it.
final class PendingAnswer: Interruptible {
  private struct State {
    var result: Result<HTTPResponse, any Error>?
    var resume: (@Sendable () -> Void)?
  }

  private let state: Mutex<State>

  /// `resume` is called exactly once, when there is an answer.
  init(resume: @escaping @Sendable () -> Void) { state = Mutex(State(resume: resume)) }

  func resolve(_ result: Result<HTTPResponse, any Error>) {
    let resume = state.withLock { state -> (@Sendable () -> Void)? in
      guard let resume = state.resume else { return nil }
      state.result = result
      state.resume = nil
      return resume
    }
    resume?()
  }

  /// The answer, once there is one.
  var result: Result<HTTPResponse, any Error>? { state.withLock { $0.result } }

  func stop() {}

  func interrupt() { resolve(.failure(HTTPFailure.unavailable("the server is stopping", retryAfterSeconds: 5))) }
}
