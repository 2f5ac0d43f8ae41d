import Dispatch
import Glibc
import Synchronization

/// A wish to stop in order, and the means to wait for one.
final class StopWish: Sendable {
  private let asked = Atomic(false)
  private let wake = DispatchSemaphore(value: 0)

  func ask() {
    asked.store(true, ordering: .releasing)
    wake.signal()
  }

  var isAsked: Bool { asked.load(ordering: .acquiring) }

  /// Waits so long, or until someone asks.
  func wait(milliseconds: Int64) {
    guard !isAsked, milliseconds > 0 else { return }
    _ = wake.wait(timeout: .now() + .milliseconds(Int(clamping: milliseconds)))
  }
}

/// Turns Ctrl-C and SIGTERM into a wish to stop, while it lives; a second signal ends the process at once.
final class StopSignal {
  let wish = StopWish()
  private var sources: [any DispatchSourceSignal] = []

  init() {
    for number in [SIGINT, SIGTERM] {
      // Dispatch sees a signal beside its action, which by default ends the process.
      _ = signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [wish] in
        _ = signal(number, SIG_DFL)
        wish.ask()
      }
      source.resume()
      sources.append(source)
    }
  }

  deinit {
    for source in sources { source.cancel() }
    for number in [SIGINT, SIGTERM] { _ = signal(number, SIG_DFL) }
  }
}
