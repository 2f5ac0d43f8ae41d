internal import Synchronization

/// Where the parts of a graph leave their states on a barrier's way through; the last one picks them all up.
///
/// A barrier reaches the sink only after every vertex before it has snapshot, so the sink finds all states of its epoch
/// here. A vertex that has ended leaves a final state, which stands for every later epoch.
public final class CheckpointCollector: Sendable {
  private struct States {
    var atEpoch: [UInt64: [String: VertexState]] = [:]
    var final: [String: VertexState] = [:]
  }

  private let states = Mutex(States())

  public init() {}

  /// Leaves the state of vertex `name` at barrier `epoch`.
  public func put(_ state: VertexState, of name: String, at epoch: UInt64) {
    states.withLock { $0.atEpoch[epoch, default: [:]][name] = state }
  }

  /// Leaves the state with which vertex `name` ended.
  public func putFinal(_ state: VertexState, of name: String) {
    states.withLock { $0.final[name] = state }
  }

  /// All states of `epoch`, of which earlier ones are forgotten; `isFinal` names the vertices that had ended before it.
  public func take(epoch: UInt64) -> (states: [String: VertexState], ended: Set<String>) {
    states.withLock { all in
      let atEpoch = all.atEpoch[epoch] ?? [:]
      all.atEpoch = all.atEpoch.filter { $0.key > epoch }
      let ended = Set(all.final.keys).subtracting(atEpoch.keys)
      return (atEpoch.merging(all.final) { current, _ in current }, ended)
    }
  }
}
