/// What an engine is about.
public enum EnginePhase: String, Sendable, CaseIterable {
  case starting
  /// The topic's partitions are being looked up; that goes on until they are found.
  case waitingForTopic = "waiting_for_topic"
  /// Operator states are read from the newest commit.
  case restoring
  case running
  /// The data directory takes no writes; reading goes on when it does.
  case paused

  /// Why an engine in this phase is not ready; nil where it is, as far as the phase goes.
  func problem(epoch: UInt64) -> String? {
    switch self {
    case .starting: "the engine is starting"
    case .waitingForTopic: "the topic is being looked up"
    case .restoring: epoch == 0 ? "the engine is starting" : "state is being restored from commit \(epoch)"
    case .paused: "reading is paused"
    case .running: nil
    }
  }
}
