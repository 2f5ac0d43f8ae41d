internal import Dispatch
internal import Synchronization

/// Something that keeps a connection busy for longer than a call: an answer that comes later, a body that is streamed.
protocol Interruptible: AnyObject, Sendable {
  /// The server is about to stop; there is still some time.
  func stop()
  /// The time is over: the connection must go on now.
  func interrupt()
}

/// The requests that are being answered, so that a server can wait for them before it stops.
final class InFlight: Sendable {
  private enum Phase {
    case open
    case stopping
    case interrupted
  }

  private struct State {
    var phase = Phase.open
    var interruptibles: [ObjectIdentifier: any Interruptible] = [:]
  }

  private let state = Mutex(State())
  private let group = DispatchGroup()

  var isStopping: Bool { state.withLock { $0.phase != .open } }

  /// Each `enter` is followed by one `leave`.
  func enter() { group.enter() }

  func leave() { group.leave() }

  /// False where it is too late to wait for anything.
  func insert(_ interruptible: any Interruptible) -> Bool {
    let phase = state.withLock { state in
      if state.phase != .interrupted { state.interruptibles[ObjectIdentifier(interruptible)] = interruptible }
      return state.phase
    }
    if phase == .stopping { interruptible.stop() }
    return phase != .interrupted
  }

  func remove(_ interruptible: any Interruptible) {
    state.withLock { $0.interruptibles[ObjectIdentifier(interruptible)] = nil }
  }

  /// Waits until everything is answered; at the deadline interrupts what is left and waits a little for that.
  func drain(deadlineMilliseconds: Int, graceMilliseconds: Int) {
    enterPhase(.stopping).forEach { $0.stop() }
    guard group.wait(timeout: .now() + .milliseconds(deadlineMilliseconds)) == .timedOut else { return }
    enterPhase(.interrupted).forEach { $0.interrupt() }
    _ = group.wait(timeout: .now() + .milliseconds(graceMilliseconds))
  }

  /// Interrupts what came meanwhile, so that nothing stays put aside.
  func interruptAll() { enterPhase(.interrupted).forEach { $0.interrupt() } }

  private func enterPhase(_ phase: Phase) -> [any Interruptible] {
    state.withLock { state in
      state.phase = phase
      return Array(state.interruptibles.values)
    }
  }
}
