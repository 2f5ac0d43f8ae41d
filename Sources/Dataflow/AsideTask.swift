internal import Dispatch
internal import Synchronization

/// Work beside the graph whose value a vertex takes over later, at a moment of its own: what takes long holds up
/// nothing.
public final class AsideTask<Value: Sendable>: Sendable {
  private enum State: Sendable {
    case waiting(@Sendable () throws -> Value)
    case running
    case done(Result<Value, any Error>)
  }

  private let state: Mutex<State>
  private let done = DispatchSemaphore(value: 0)

  public init(_ work: @escaping @Sendable () throws -> Value) { state = Mutex(.waiting(work)) }

  /// Does the work, unless somebody else does or has done it.
  public func run() {
    let work = state.withLock { state -> (@Sendable () throws -> Value)? in
      guard case .waiting(let work) = state else { return nil }
      state = .running
      return work
    }
    guard let work else { return }
    let result = Result { try work() }
    state.withLock { $0 = .done(result) }
    done.signal()
  }

  /// What came of it; nil until then.
  public var result: Result<Value, any Error>? {
    state.withLock { if case .done(let result) = $0 { result } else { nil } }
  }

  /// What comes of it: does the work here if nobody has begun it, or waits for whoever does it.
  public func value() throws -> Value {
    run()
    if let result { return try result.get() }
    done.wait()
    done.signal()
    return try value()
  }
}
