internal import Dispatch
internal import Glibc
internal import Synchronization

/// The processors that this process may use.
public enum Processors {
  public static var count: Int { max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1) }
}

/// Divides units among threads.
enum ScanWorkers {
  /// Calls `body` once for each of `count` units with one of `states`, which no other call has at that time. Units are
  /// handed out in order, to whoever is free. Returns when all are done; throws what was thrown first, after which no
  /// further unit is begun.
  static func run<State: Sendable>(
    _ count: Int, _ states: [State], _ body: @Sendable (State, Int) throws -> Void
  ) throws {
    guard states.count > 1, count > 1 else {
      for unit in 0..<count { try body(states[0], unit) }
      return
    }
    let next = Atomic<Int>(0)
    let failure = Mutex<(any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: min(states.count, count)) { worker in
      while failure.withLock({ $0 == nil }) {
        let unit = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard unit < count else { return }
        do {
          try body(states[worker], unit)
        } catch {
          failure.withLock { $0 = $0 ?? error }
        }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }
}
