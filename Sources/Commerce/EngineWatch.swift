internal import Kafka

/// Tells what is new about an engine's troubles, so that a log has a line when one begins and one when it is over.
struct EngineWatch {
  enum Note: Equatable {
    case brokersLost(reason: String)
    case brokersBack
    case partitionFailed(Int, reason: String)
    case partitionWorks(Int)
    case notReady([String])
    case ready
  }

  private var hasLostBrokers = false
  private var failedPartitions: Set<Int> = []
  /// Nil before the first look.
  private var isReady: Bool?

  /// Takes in how things are now.
  ///
  /// - Parameters:
  ///   - partitions: what keeps partitions from being read, by their number.
  ///   - problems: why the engine is not ready.
  mutating func look(
    _ connection: ConnectionState.Phase, reason: String?, partitions: [Int: String], problems: [String]
  ) -> [Note] {
    var notes: [Note] = []
    if hasLostBrokers != (connection == .lost) {
      hasLostBrokers = connection == .lost
      notes.append(hasLostBrokers ? .brokersLost(reason: reason ?? "no answer") : .brokersBack)
    }
    for (partition, reason) in partitions.sorted(by: { $0.key < $1.key }) where !failedPartitions.contains(partition) {
      notes.append(.partitionFailed(partition, reason: reason))
    }
    for partition in failedPartitions.subtracting(partitions.keys).sorted() { notes.append(.partitionWorks(partition)) }
    failedPartitions = Set(partitions.keys)
    if isReady != problems.isEmpty {
      isReady = problems.isEmpty
      notes.append(problems.isEmpty ? .ready : .notReady(problems))
    }
    return notes
  }
}
