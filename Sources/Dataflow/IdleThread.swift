internal import Dispatch
internal import Glibc
internal import Synchronization

/// One thread that works, one thing after the other, while the processors have nothing else to do: whoever wakes up
/// takes its processor from it at once (Linux's policy `SCHED_IDLE`).
///
/// A thread that is merely nice would be left to the end of its time slice first, three milliseconds that an event
/// would wait for. Dispatch has no such thread on Linux: its queues share theirs, whatever quality of service they ask
/// for, and a thread that has given way once may not take it back.
///
/// Linux compares it with threads of its own control group: to the processes of another one it gives way as much as
/// the shares of the groups say. So it can rest behind each thing that it does: then it takes a known part of a
/// processor from them at most.
final class IdleThread: Sendable {
  private final class Work: Sendable {
    let waiting = Mutex<[(restPerWork: Int, body: @Sendable () -> Void)]>([])
    let signal = DispatchSemaphore(value: 0)

    /// Does what comes until there is nothing for a signal.
    func run() {
      while true {
        signal.wait()
        guard let next = waiting.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { return }
        let before = Work.processorNanoseconds
        next.body()
        Work.sleep(nanoseconds: (Work.processorNanoseconds - before) * next.restPerWork)
      }
    }

    /// The processor time of this thread.
    private static var processorNanoseconds: Int {
      var time = timespec()
      _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    private static func sleep(nanoseconds: Int) {
      var time = timespec(tv_sec: nanoseconds / 1_000_000_000, tv_nsec: nanoseconds % 1_000_000_000)
      if nanoseconds > 0 { _ = unsafe nanosleep(&time, nil) }
    }
  }

  /// `SCHED_IDLE` of `<linux/sched.h>`, which the module of the C library leaves out.
  private static let policy: Int32 = 5

  private let work = Work()

  /// Starts the thread, which ends with this object, when it has done what it was given.
  init() {
    var thread = pthread_t()
    // The thread takes over the reference that is passed, and gives it back when it ends.
    let context = unsafe Unmanaged.passRetained(work).toOpaque()
    let code = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        // Of Linux's threads each has a policy of its own; where it is refused, the thread is like others.
        var parameters = sched_param(sched_priority: 0)
        _ = unsafe sched_setscheduler(0, IdleThread.policy, &parameters)
        unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context)
    precondition(code == 0, "the system has no thread left: error \(code)")
    pthread_detach(thread)
  }

  deinit { work.signal.signal() }

  /// Does `body` behind all that was given before, then nothing for `restPerWork` times the processor time it took.
  func async(restPerWork: Int = 0, _ body: @escaping @Sendable () -> Void) {
    work.waiting.withLock { $0.append((restPerWork, body)) }
    work.signal.signal()
  }
}
