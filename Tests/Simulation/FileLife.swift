internal import Checkpoints
internal import ColdStore
internal import Commerce
internal import Dataflow
internal import Landing
internal import TestSupport

/// A backfill of some of the files, all of them in the last life.
struct FileLife: EngineLife {
  private let backfill: Backfill
  private let runtime: SimulationRuntime
  private let checkpointOdds: Int
  /// Asked for more often than barriers get through, checkpoints would be all that sources do.
  private let checkpoints = Countdown(20)

  private static func name(_ partition: Int) -> String { "part-\(partition).ndjson" }

  /// Writes the files to be read.
  static func writeFiles(_ world: World, in place: TemporaryDirectory) throws {
    for (partition, messages) in world.messages.enumerated() {
      _ = try place.write(name(partition), lines: messages.map(\.bytes))
    }
  }

  init(
    _ world: World, _ job: Job, _ directory: DataDirectory, _ disk: SimulatedFileSystem, _ place: TemporaryDirectory,
    isLast: Bool, _ random: inout SeededRandom, _ onCommit: @escaping @Sendable (Commit) -> Void
  ) throws {
    let known = directory.commit?.sources.count ?? 1
    let count = isLast ? world.messages.count : max(known, random.below(world.messages.count) + 1)
    let paths = (0..<count).map { place.file(FileLife.name($0)) }
    runtime = SimulationRuntime(seed: random.next())
    backfill = try Backfill(
      job: job, paths: paths, directory: directory, runtime: runtime,
      repairsAlong: world.repairsAlong, onCommit: onCommit)
    checkpointOdds = random.choose([20, 60, 300])
  }

  func step(_ random: inout SeededRandom) throws -> Bool {
    guard backfill.hasWork else { return false }
    if random.happens(oneIn: checkpointOdds), checkpoints.next() { backfill.checkpoint() }
    switch try runtime.step(backfill.graph) {
    case .stepped: return true
    case .finished: return false
    case .stuck: throw Deadlock()
    }
  }
}

/// Says yes so many times.
final class Countdown {
  private var left: Int

  init(_ count: Int) { left = count }

  func next() -> Bool {
    left -= 1
    return left >= 0
  }
}
