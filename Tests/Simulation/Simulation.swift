internal import Checkpoints
internal import ColdStore
internal import Commerce
internal import Landing
internal import PlainReference
internal import Shoppers
package import TestSupport

/// The whole engine for one seed: it reads, is interrupted again and again by failing disks, kills and power cuts, and
/// must come to what one pass over the messages comes to; at every commit on the way, the parts must add up.
package final class Simulation {
  /// What is wrong on purpose, to see that it is found.
  package enum Flaw: Sendable, CaseIterable {
    case none
    case filesAreNotSynchronized
    case directoriesAreNotSynchronized
    /// After a crash the engine goes on one message too far.
    case restoresOneOffsetTooFar
    /// Rows that a repair has replaced are there again when their segment is merged.
    case mergesKeepDeletedRows
  }

  /// What happened.
  package struct Report: Sendable {
    package let seed: UInt64
    package internal(set) var world = ""
    package internal(set) var commits = 0
    package internal(set) var lives = 0
    package internal(set) var powerCuts = 0
    package internal(set) var diskFailures = 0
    package internal(set) var fallBacks = 0
    /// Segments that merges have made.
    package internal(set) var mergedSegments = 0
    /// Moments between two commits that were looked at.
    package internal(set) var presents = 0
    /// Rows that were too old to be kept.
    package internal(set) var droppedRows = 0
    /// The first difference from what should be; nil if there is none.
    package internal(set) var difference: String?
  }

  private static let stepsPerLook = 50

  private let seed: UInt64
  private let flaw: Flaw
  private let place: TemporaryDirectory
  private var random: SeededRandom
  private var world: World
  private var job: Job
  private let audit: Audit
  private let disk: SimulatedFileSystem
  private let clock: VirtualClock
  private var report: Report
  /// The newest commit that the engine has reported.
  private var newestEpoch: UInt64 = 0
  private var mergedPaths: Set<String> = []
  /// The events of the newest commit, and those that were seen since.
  private var seenEvents: Set<PlainPosition> = []
  /// A commit that was damaged on purpose, until there is one as new.
  private var damagedEpoch: UInt64?

  /// - Parameter place: only for the engine's lock and for input files; its data is in memory.
  package init(seed: UInt64, flaw: Flaw = .none, in place: TemporaryDirectory) throws {
    self.seed = seed
    self.flaw = flaw
    self.place = place
    world = try World(seed: seed)
    world.settings.compaction.keepsDeletedRows = flaw == .mergesKeepDeletedRows
    job = try Job(world.settings)
    audit = Audit(world)
    clock = VirtualClock(world.traffic.start)
    random = SeededRandom(seed: seed ^ 0xC0FF_EE)
    let lie: SimulatedFileSystem.Lie? =
      switch flaw {
      case .filesAreNotSynchronized: .synchronizesFiles
      case .directoriesAreNotSynchronized: .synchronizesDirectories
      case .none, .restoresOneOffsetTooFar, .mergesKeepDeletedRows: nil
      }
    disk = SimulatedFileSystem(root: place.path, seed: seed ^ 0xD15C, lie: lie)
    try LocalFileSystem().createDirectory(place.file("data"))
    if world.input == .files { try FileLife.writeFiles(world, in: place) }
    report = Report(seed: seed)
    report.world = world.description
  }

  private struct Difference: Error {
    let text: String
  }

  /// Lives until everything was read in peace, and says what happened.
  package func run() -> Report {
    do {
      let interruptions = random.choose([1, 2, 3, 6])
      for _ in 0..<interruptions { try interruptedLife() }
      disk.faults = DiskFaults()
      guard try life(isLast: true, steps: 200_000) else { throw Difference(text: "the last run has no end") }
      try lookAtTheEnd()
    } catch let difference as Difference {
      report.difference = difference.text
    } catch {
      report.difference = "an error that nobody injected: \(error)"
    }
    return report
  }

  // MARK: - Interruptions

  private func interruptedLife() throws {
    let failing = random.choose([nil, nil, 300, 60, 15])
    let dying = random.choose([nil, random.below(30), random.below(200), random.below(800)])
    disk.faults = DiskFaults(callsPerFailure: failing, changesToDeath: dying)
    do {
      _ = try life(isLast: false, steps: random.choose([20, 100, 300, 800, 3_000]))
    } catch let error as FileError {
      guard ["injected", "dead"].contains(error.message) else { throw error }
    }
    report.diskFailures += disk.faults.failures
    disk.faults = DiskFaults()
    if random.happens(oneIn: 2) {
      disk.losePower()
      report.powerCuts += 1
    }
    try lookAfterACrash()
    if random.happens(oneIn: 8) { try damageTheNewestCommit() }
    if random.happens(oneIn: 2) {
      world.chooseWhatMayChange()
      job = try Job(world.settings)
    }
  }

  /// What a reader finds who comes before the engine does.
  private func lookAfterACrash() throws {
    seenEvents = []
    let newest = try CommitLog(directory: place.file("data"), fileSystem: disk).newest()
    guard newestEpoch > 0 || newest != nil else { return }
    guard let newest, newest.skipped.isEmpty || damagedEpoch != nil else {
      throw Difference(text: "commit \(newestEpoch) was reported and does not verify: \(newest?.skipped ?? [])")
    }
    // The last step of a commit may fail behind the rename that makes it one: it may be newer, and may go again.
    guard newest.commit.epoch >= newestEpoch else {
      throw Difference(text: "commit \(newestEpoch) was reported, \(newest.commit.epoch) is the newest")
    }
    try look(at: newest.commit, "after a crash")
  }

  /// The engine must fall back to the commit before, and read again what came behind that.
  private func damageTheNewestCommit() throws {
    let log = CommitLog(directory: place.file("data"), fileSystem: disk)
    let epochs = try log.list()
    guard let newest = epochs.last, epochs.count > 1, damagedEpoch == nil else { return }
    // What both commits name, as they name segments, leaves nothing to fall back to.
    let shared = try log.read(epochs[epochs.count - 2]).paths
    let states = Set(try log.read(newest).operatorStates.values.joined().map(\.path)).subtracting(shared).sorted()
    let digits = String(String(1_000_000_000_000 + newest).dropFirst())
    disk.decay(place.file("data/" + random.choose(states + ["commits/commit-\(digits)"])))
    newestEpoch = min(newestEpoch, epochs[epochs.count - 2])
    damagedEpoch = newest
    seenEvents = []
    report.fallBacks += 1
  }

  // MARK: - Looking

  private func tables(_ commit: Commit) throws -> StoredTables {
    let directory = place.file("data")
    return try StoredTables(
      commit, job: job, directory: directory,
      log: CommitLog(directory: directory, fileSystem: disk), fileSystem: disk)
  }

  private func look(at commit: Commit, _ moment: String) throws {
    let tables = try tables(commit)
    if let found = audit.difference(at: commit, tables) {
      throw Difference(text: "\(moment), commit \(commit.epoch): \(found)")
    }
    seenEvents = Set(tables.events.keys)
  }

  private func look(at present: Present) throws {
    let faults = disk.faults
    disk.faults = DiskFaults()
    let messages = try PresentMessages(present, directory: place.file("data"), fileSystem: disk)
    if let found = audit.difference(at: messages, seen: seenEvents) {
      throw Difference(text: "behind commit \(present.commit.epoch): \(found)")
    }
    seenEvents = Set(messages.events.keys)
    report.presents += 1
    disk.faults = faults
  }

  private func lookAtTheEnd() throws {
    guard let commit = try CommitLog(directory: place.file("data"), fileSystem: disk).newest()?.commit else {
      throw Difference(text: "nothing was committed")
    }
    if let found = audit.finalDifference(commit, try tables(commit)) { throw Difference(text: "at the end: \(found)") }
  }

  // MARK: - Lives

  /// One life of the engine, from the newest commit until its end or for so many steps; whether it came to its end.
  private func life(isLast: Bool, steps: Int) throws -> Bool {
    report.lives += 1
    let committed = Committed()
    let directory = try DataDirectory(
      path: place.file("data"), configuration: job.landing.configuration, fileSystem: disk)
    let watch: @Sendable (Commit) -> Void = { committed.commit = $0 }
    let life: any EngineLife
    switch world.input {
    case .files: life = try FileLife(world, job, directory, disk, place, isLast: isLast, &random, watch)
    case .topic:
      let skipped: Int64 = flaw == .restoresOneOffsetTooFar ? 1 : 0
      life = try TopicLife(world, job, directory, disk, clock, isLast: isLast, skipping: skipped, &random, watch)
    }
    for _ in 0..<steps {
      let goesOn = try life.step(&random)
      if let commit = committed.take() { try lookAtNewCommit(commit) }
      if random.happens(oneIn: Simulation.stepsPerLook), let present = life.present() { try look(at: present) }
      if !goesOn { return true }
    }
    return false
  }

  private func lookAtNewCommit(_ commit: Commit) throws {
    newestEpoch = commit.epoch
    if let damaged = damagedEpoch, commit.epoch >= damaged { damagedEpoch = nil }
    report.commits += 1
    report.droppedRows = max(report.droppedRows, commit.tables.reduce(0) { $0 + commit.droppedRows(of: $1.name) })
    let merged = commit.tables.flatMap(\.segments).filter { $0.level > 0 }.map(\.path)
    report.mergedSegments += merged.count { mergedPaths.insert($0).inserted }
    let faults = disk.faults
    disk.faults = DiskFaults()
    try look(at: commit, "while it runs")
    disk.faults = faults
  }
}

/// The commit that was made in the latest step.
///
/// `@unchecked Sendable`: a simulation runs on one thread.
private final class Committed: @unchecked Sendable {
  var commit: Commit?

  func take() -> Commit? {
    defer { commit = nil }
    return commit
  }
}

/// One life of the engine, in steps.
protocol EngineLife {
  /// Something happens; false behind the end. Throws if nothing can happen any more before the end.
  func step(_ random: inout SeededRandom) throws -> Bool

  /// What a reader finds who comes between two commits; nil where none comes.
  func present() -> Present?
}

extension EngineLife {
  func present() -> Present? { nil }
}

/// Nothing can run and not everything has ended.
struct Deadlock: Error {}
