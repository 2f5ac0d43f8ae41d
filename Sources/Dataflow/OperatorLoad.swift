/// What an operator does with its time: at each moment one of these, so that the seconds of all are those of the clock.
///
/// As Flink's busy, back-pressured and idle time, and beside them what a machine with few processors adds.
public enum OperatorActivity: Int, Sendable, CaseIterable {
  /// It takes a step.
  case busy
  /// It could take one and waits for a processor.
  case waiting
  /// It has something to do and no room for what would come of it: a receiver is slower.
  case backPressured
  /// It has nothing to do.
  case idle

  /// For labels.
  public var name: String {
    switch self {
    case .busy: "busy"
    case .waiting: "waiting"
    case .backPressured: "back_pressured"
    case .idle: "idle"
    }
  }
}

/// How one operator or source spends its time, and what waits before it.
public struct OperatorLoad: Sendable {
  public let name: String
  /// By `OperatorActivity.rawValue`; nothing falls from one look to the next.
  public let seconds: [Double]
  /// Credits that are taken of the edges that lead to it.
  public let queuedCredits: Int
  /// Credits of these edges, beside what one step of a sender may add; 0 for a source.
  public let queueCapacity: Int

  public init(name: String, seconds: [Double], queuedCredits: Int, queueCapacity: Int) {
    self.name = name
    self.seconds = seconds
    self.queuedCredits = queuedCredits
    self.queueCapacity = queueCapacity
  }
}

extension Graph {
  /// How each vertex spends its time. O(edges); from any thread once the graph is wired.
  public var operatorLoads: [OperatorLoad] {
    allVertices.map { vertex in
      OperatorLoad(
        name: vertex.name, seconds: vertex.activities.seconds,
        queuedCredits: vertex.inletLoads.reduce(0) { $0 + $1.count },
        queueCapacity: vertex.inletLoads.reduce(0) { $0 + $1.capacity })
    }
  }
}
