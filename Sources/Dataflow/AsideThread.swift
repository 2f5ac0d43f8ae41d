internal import Dispatch
internal import Glibc
internal import Synchronization

/// The one thread that does, one after the other, what may wait: it gives way to all others, so that a merge takes what
/// the graph leaves of the processors.
///
/// Dispatch has no such thread on Linux: its queues share theirs, whatever quality of service they ask for, and a
/// thread that has given way once may not take it back.
final class AsideThread: Sendable {
  private final class Work: Sendable {
    let waiting = Mutex<[@Sendable () -> Void]>([])
    let isOver = Atomic(false)
    let signal = DispatchSemaphore(value: 0)

    func run() {
      while true {
        signal.wait()
        if isOver.load(ordering: .acquiring) { return }
        waiting.withLock { $0.removeFirst() }()
      }
    }
  }

  /// Of 1024 parts that a thread beside it gets of a processor it gets 110.
  private static let niceness: Int32 = 10

  private let work = Work()

  /// Starts the thread, which ends with this object, when it has done what it is doing.
  init() {
    var thread = pthread_t()
    // The thread takes over the reference that is passed, and gives it back when it ends.
    let context = unsafe Unmanaged.passRetained(work).toOpaque()
    let code = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        // Of Linux's threads each has a niceness of its own; where it is refused, the thread is like others.
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, AsideThread.niceness)
        unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context)
    precondition(code == 0, "the system has no thread left: error \(code)")
    pthread_detach(thread)
  }

  deinit {
    work.isOver.store(true, ordering: .releasing)
    work.signal.signal()
  }

  /// Does `body` behind all that was given before.
  func async(_ body: @escaping @Sendable () -> Void) {
    work.waiting.withLock { $0.append(body) }
    work.signal.signal()
  }
}
