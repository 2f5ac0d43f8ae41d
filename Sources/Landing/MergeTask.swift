internal import Dataflow
internal import Synchronization

/// A merge that is done beside the landing, step by step, each on whatever queue there is.
final class MergeTask: Sendable {
  private struct State {
    /// Nil when it is over: its rows and files are let go of.
    var merge: Merge?
    var result: Result<MergedSegments, any Error>?
  }

  /// A step takes a second of a processor at most, and there are seconds between checkpoints.
  private static let patience = 12

  /// What the names of its files begin with, which nobody may remove.
  let prefix: String
  let table: String
  let dayMilliseconds: Int64
  private let restPerStep: Int
  private let state: Mutex<State>
  private let isCancelled = Atomic(false)
  private let isAwaited = Atomic(false)
  private let isStarved = Atomic(false)
  /// How often it was hurried since its last step.
  private let hurriesSinceStep = Atomic(0)

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
      guard state.result == nil, !isCancelled.load(ordering: .acquiring) else {
        state.merge = nil
        return false
      }
      hurriesSinceStep.store(0, ordering: .relaxed)
      do {
        if try state.merge?.step() ?? false { return true }
        state.result = state.merge.map { .success($0.result) }
      } catch {
        state.result = .failure(error)
      }
      state.merge = nil
      return false
    }
  }

  /// What came of it; nil until then. Waits for nothing.
  var result: Result<MergedSegments, any Error>? { state.withLockIfAvailable { $0.result } ?? nil }

  /// How soon the next step is to be taken.
  var urgency: AsideUrgency {
    if isStarved.load(ordering: .relaxed) { return .soon }
    return .whenIdle(restPerWork: isAwaited.load(ordering: .relaxed) ? 0 : restPerStep)
  }

  /// Its end is waited for: from now on it does not rest. Called at each checkpoint then; where it stands still for so
  /// many, as on processors that are never idle, it gives way to nobody any more.
  func hurry() {
    isAwaited.store(true, ordering: .relaxed)
    let hurries = hurriesSinceStep.add(1, ordering: .relaxed).newValue
    if hurries >= MergeTask.patience { isStarved.store(true, ordering: .relaxed) }
  }

  /// Lets it take no other step. Waits for nothing.
  func abandon() { isCancelled.store(true, ordering: .releasing) }

  /// Lets it take no other step, and returns when it is taking none.
  func cancel() {
    abandon()
    state.withLock { $0.merge = nil }
  }
}
