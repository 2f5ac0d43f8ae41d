internal import Dispatch
internal import Synchronization

/// Runs a graph on serial Dispatch queues, one a vertex: state is reached only through its vertex's queue.
public final class DispatchRuntime: Runtime {
  /// Steps of one vertex before others of the same thread get their turn.
  private static let stepsPerTurn = 32

  /// As many threads as there are processors for all vertices that compute: more would only take turns.
  private static let workers = DispatchQueue.global(qos: .userInitiated)

  private struct State {
    var queues: [ObjectIdentifier: DispatchQueue] = [:]
    var failure: (any Error)?
  }

  private let state = Mutex(State())
  private let hasFailed = Atomic(false)
  private let finished = DispatchSemaphore(value: 0)
  private let idleThread = IdleThread()

  public init() {}

  public func wake(_ vertex: Vertex) {
    guard !vertex.isScheduled.exchange(true, ordering: .acquiringAndReleasing) else { return }
    vertex.activities.scheduled()
    queue(of: vertex).async { self.run(vertex) }
  }

  /// Lets no vertex take another step, and returns when none is taking one: the run is given up.
  public func stop() {
    hasFailed.store(true, ordering: .releasing)
    for queue in state.withLock({ Array($0.queues.values) }) { queue.sync {} }
  }

  /// Does `body` on the queue of `vertex`, between two of its steps: that is where its state may be looked at.
  public func perform(on vertex: Vertex, _ body: @escaping @Sendable () -> Void) {
    queue(of: vertex).async(execute: body)
  }

  public func allFinished() { finished.signal() }

  public func aside(_ urgency: AsideUrgency, _ work: @escaping @Sendable () -> Void) {
    switch urgency {
    case .soon: DispatchQueue.global(qos: .utility).async(execute: work)
    case .whenIdle(let restPerWork): idleThread.async(restPerWork: restPerWork, work)
    }
  }

  /// Waits until every vertex has finished, or until the first error, which is thrown.
  ///
  /// Returns early with `false` after `timeoutMilliseconds`, so that the caller can do periodic work.
  public func wait(timeoutMilliseconds: Int) throws -> Bool {
    let result = finished.wait(timeout: .now() + .milliseconds(timeoutMilliseconds))
    if let failure = state.withLock({ $0.failure }) { throw failure }
    return result == .success
  }

  private func queue(of vertex: Vertex) -> DispatchQueue {
    state.withLock { state in
      if let queue = state.queues[ObjectIdentifier(vertex)] { return queue }
      // Who waits for a disk has a thread beside the workers: otherwise one of them, of two perhaps, would wait.
      let queue = DispatchQueue(
        label: "riffle.\(vertex.name)", target: vertex.waitsForDisks ? nil : DispatchRuntime.workers)
      state.queues[ObjectIdentifier(vertex)] = queue
      return queue
    }
  }

  private func run(_ vertex: Vertex) {
    vertex.activities.turnBegan()
    defer { vertex.activities.turnEnded(vertex.activityBetweenTurns) }
    // Cleared first: a signal that arrives from here on queues another run, so none is missed. Exchanged, not stored:
    // whoever was before saw it set, and what it had done until then is seen here.
    _ = vertex.isScheduled.exchange(false, ordering: .acquiringAndReleasing)
    var steps = 0
    while steps < DispatchRuntime.stepsPerTurn, !hasFailed.load(ordering: .acquiring), vertex.isRunnable {
      do {
        try vertex.step { _ in 0 }
      } catch {
        state.withLock { if $0.failure == nil { $0.failure = error } }
        hasFailed.store(true, ordering: .releasing)
        finished.signal()
        return
      }
      steps += 1
    }
    if steps == DispatchRuntime.stepsPerTurn { wake(vertex) }
  }
}
