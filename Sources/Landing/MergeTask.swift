internal import Dataflow
internal import Synchronization

/// A merge that is done beside the landing, step by step, each on whatever queue there is.
final class MergeTask: Sendable {
  private struct State {
    var merge: Merge
    var result: Result<MergedSegments, any Error>?
  }

  /// What the names of its files begin with, which nobody may remove.
  let prefix: String
  let table: String
  let dayMilliseconds: Int64
  private let restPerStep: Int
  private let state: Mutex<State>
  private let isCancelled = Atomic(false)
  private let isAwaited = Atomic(false)

  /// - Parameter restPerStep: see `CompactionRules`.
  init(_ merge: sending Merge, prefix: String, restPerStep: Int) {
    self.prefix = prefix
    self.restPerStep = restPerStep
    table = merge.result.table
    dayMilliseconds = merge.result.dayMilliseconds
    state = Mutex(State(merge: merge))
  }

  /// Does the next part of the work; false when there is nothing left to do.
  func step() -> Bool {
    state.withLock { state in
      guard state.result == nil, !isCancelled.load(ordering: .acquiring) else { return false }
      do {
        if try state.merge.step() { return true }
        state.result = .success(state.merge.result)
      } catch {
        state.result = .failure(error)
      }
      return false
    }
  }

  /// What came of it; nil until then. Waits for nothing.
  var result: Result<MergedSegments, any Error>? { state.withLockIfAvailable { $0.result } ?? nil }

  /// How soon the next step is to be taken.
  var urgency: AsideUrgency {
    isAwaited.load(ordering: .relaxed) ? .soon : .whenIdle(restPerWork: restPerStep)
  }

  /// From now on it gives way to nobody, and does not rest.
  func hurry() { isAwaited.store(true, ordering: .relaxed) }

  /// Lets it take no other step. Waits for nothing.
  func abandon() { isCancelled.store(true, ordering: .releasing) }

  /// Lets it take no other step, and returns when it is taking none.
  func cancel() {
    abandon()
    state.withLock { _ in }
  }
}
