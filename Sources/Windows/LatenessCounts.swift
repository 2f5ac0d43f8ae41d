/// How many events of a rollup came in time for their windows, and how many later (SEMANTICS §4).
///
/// Informational: they depend on how partitions were interleaved, and begin anew with each run.
public struct LatenessCounts: Sendable, Equatable {
  /// Before the watermark had passed the end of the window.
  public var onTime: Int64 = 0
  /// After that, while the window was still in memory.
  public var corrected: Int64 = 0
  /// After the window was final.
  public var delta: Int64 = 0

  public init() {}

  mutating func add(_ eventCount: Int64, _ outcome: LatenessOutcome) {
    switch outcome {
    case .onTime: onTime += eventCount
    case .corrected: corrected += eventCount
    case .delta: delta += eventCount
    }
  }
}
