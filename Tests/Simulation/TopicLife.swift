internal import Checkpoints
internal import ColdStore
internal import Commerce
internal import Dataflow
internal import Ingest
internal import Landing
internal import TestSupport

/// The live engine over partitions in memory, which go on growing; the last life, and some before it, end where the
/// partitions end.
final class TopicLife: EngineLife {
  /// Without anything to read, a life without end is not looked at for longer.
  private static let mostIdleTicks = 200

  private let run: LiveRun<SimulationRuntime>
  private let clock: VirtualClock
  private var monotonicMilliseconds: Int64 = 0
  private let checkpointOdds: Int
  private let isBounded: Bool
  private var askedEpoch: UInt64
  private let reached: Epoch
  private let end: Int64
  private var idleTicks = 0

  /// - Parameter skipping: messages that are left out where a commit is continued: a bug, to be found.
  init(
    _ world: World, _ job: Job, _ directory: DataDirectory, _ disk: SimulatedFileSystem, _ clock: VirtualClock,
    isLast: Bool, skipping: Int64, _ random: inout SeededRandom, _ onCommit: @escaping @Sendable (Commit) -> Void
  ) throws {
    if isLast { clock.nowMilliseconds = max(clock.nowMilliseconds, world.end) }
    self.clock = clock
    end = world.end
    isBounded = isLast || random.happens(oneIn: 4)
    checkpointOdds = random.choose([20, 60, 300])
    var commit = directory.commit ?? Commit(epoch: 0)
    commit.incarnation += 1
    commit.sources = TopicLife.sources(world, directory.commit, skipping, at: clock.nowMilliseconds)
    let bounded = isBounded
    let partitions = commit.sources.map { source in
      let messages = world.messages[source.partition]
      let log = SimulatedLog(source.partition, messages, from: source.nextOffset, clock, seed: random.next())
      let end = Int64(SimulatedLog.end(of: messages, at: clock.nowMilliseconds))
      return LivePartition(source, log, endOffset: bounded ? end : nil) { clock.nowMilliseconds }
    }
    let reached = Epoch(commit.epoch)
    self.reached = reached
    askedEpoch = commit.epoch
    run = try LiveRun(
      job: job, partitions: partitions, directory: directory, commit: commit, continuing: directory.commit,
      runtime: SimulationRuntime(seed: random.next()), nowMilliseconds: clock.nowMilliseconds
    ) { commit, _ in
      reached.number = commit.epoch
      onCommit(commit)
    }
  }

  /// The sources of the commit, and the partitions that are new, from their beginning.
  private static func sources(
    _ world: World, _ commit: Commit?, _ skipping: Int64, at now: Int64
  ) -> [SourceState] {
    var sources = commit?.sources ?? []
    for index in sources.indices {
      let end = Int64(world.messages[sources[index].partition].count)
      sources[index].nextOffset = min(end, sources[index].nextOffset + skipping)
    }
    for partition in sources.count..<world.messages.count where partition == 0 || world.births[partition] <= now {
      sources.append(SourceState(id: partition, topic: "events", partition: partition))
    }
    return sources
  }

  func step(_ random: inout SeededRandom) throws -> Bool {
    if random.happens(oneIn: 8) { tick(&random) }
    // As in production, the next checkpoint is asked for when the one before is there.
    if reached.number >= askedEpoch, random.happens(oneIn: checkpointOdds) {
      askedEpoch += 1
      run.graph.requestCheckpoint(epoch: askedEpoch)
    }
    switch try run.runtime.step(run.graph) {
    case .stepped:
      return true
    case .finished:
      guard isBounded else { throw Deadlock() }
      return false
    case .stuck:
      // Whoever waits looks again at the next tick.
      tick(&random)
      idleTicks += 1
      return isBounded || idleTicks < TopicLife.mostIdleTicks || clock.nowMilliseconds < end
    }
  }

  func present() -> Present? { run.present() }

  /// Time passes: little, or enough for partitions to be idle and windows to close.
  private func tick(_ random: inout SeededRandom) {
    let pause = random.choose([5, 5, 5, 50, 1_000, 20_000, 300_000]) as Int64
    clock.nowMilliseconds += pause
    monotonicMilliseconds += pause
    let isConnected = !random.happens(oneIn: 10)
    run.clock.tick(monotonic: monotonicMilliseconds, confirmed: isConnected ? clock.nowMilliseconds : nil)
    run.graph.tick()
  }
}

/// The newest commit of a run.
///
/// `@unchecked Sendable`: a simulation runs on one thread.
private final class Epoch: @unchecked Sendable {
  var number: UInt64

  init(_ number: UInt64) { self.number = number }
}
