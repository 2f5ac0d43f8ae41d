internal import Synchronization

/// Runs a graph on the caller's thread, one step at a time, in an order drawn from a seed.
///
/// The same operators, edges and barriers as in production, but every interleaving can be reached and repeated: a
/// failing seed fails again. A test crashes the engine by dropping the graph between two steps. After FoundationDB's
/// and TigerBeetle's simulators.
public final class SimulationRuntime: Runtime {
  private let isComplete = Atomic(false)
  private let random: Mutex<SplitMix64>
  private let asides = Mutex<[@Sendable () -> Void]>([])

  public init(seed: UInt64) { random = Mutex(SplitMix64(seed: seed)) }

  public func wake(_ vertex: Vertex) {}
  public func allFinished() { isComplete.store(true, ordering: .releasing) }
  public func aside(_ urgency: AsideUrgency, _ work: @escaping @Sendable () -> Void) {
    asides.withLock { $0.append(work) }
  }

  /// What a step came to.
  public enum Outcome: Sendable {
    case stepped
    /// Every vertex has finished.
    case finished
    /// Nothing can run and not everything has finished: a deadlock.
    case stuck
  }

  /// Lets one vertex, chosen at random among those that can run, take one step on an edge chosen at random, or does
  /// what is to be done aside.
  public func step(_ graph: Graph) throws -> Outcome {
    if isComplete.load(ordering: .acquiring) { return .finished }
    let runnable = graph.allVertices.filter(\.isRunnable)
    let aside = asides.withLock(\.first)
    guard !runnable.isEmpty || aside != nil else { return .stuck }
    let chosen = choose(runnable.count + (aside == nil ? 0 : 1))
    if chosen < runnable.count {
      try runnable[chosen].step { count in self.choose(count) }
    } else {
      asides.withLock { _ = $0.removeFirst() }
      aside?()
    }
    return .stepped
  }

  /// Steps until everything has finished, and says whether it did.
  public func run(_ graph: Graph) throws -> Outcome {
    while true {
      let outcome = try step(graph)
      guard case .stepped = outcome else { return outcome }
    }
  }

  private func choose(_ count: Int) -> Int { random.withLock { Int($0.next() % UInt64(count)) } }
}

/// Steele, Lea and Flood's SplitMix64: small, seedable, good enough to pick interleavings.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
