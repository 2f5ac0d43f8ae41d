internal import Dispatch
internal import Glibc
internal import Simulation
internal import Synchronization
internal import TestSupport

/// Seeds in a row, and what they came to in all.
struct SeedRun {
  private static let mostDifferences = 10

  let first: UInt64
  let count: UInt64
  let flaw: Simulation.Flaw
  private let place = TemporaryDirectory()
  private let start = DispatchTime.now()

  init(first: UInt64, count: UInt64, flaw: Simulation.Flaw) {
    self.first = first
    self.count = count
    self.flaw = flaw
  }

  /// Whether no seed differed.
  func run() throws -> Bool {
    sayWhereItTraps()
    var totals = Totals()
    for seed in first..<first + count {
      currentSeed.store(seed, ordering: .relaxed)
      let report = try Simulation(seed: seed, flaw: flaw, in: place).run()
      totals.add(report)
      if let difference = report.difference {
        say("seed \(seed): \(difference)\n  \(report.world)\n  repeat with: make simulate SEEDS=1 FIRST=\(seed)")
        if totals.differences == SeedRun.mostDifferences { break }
      }
      if totals.seeds % 1_000 == 0 { say(summary(totals)) }
    }
    say(summary(totals))
    return totals.differences == 0
  }

  private func say(_ text: String) {
    print(text)
    fflush(nil)
  }

  private func summary(_ totals: Totals) -> String {
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
    return
      "\(totals.seeds) seeds from \(first) on in \(Int(seconds)) s (\(Int(Double(totals.seeds) / seconds)) a second): "
      + "\(totals.differences) differ; \(totals.lives) lives, \(totals.commits) commits, "
      + "\(totals.powerCuts) power cuts, \(totals.diskFailures) failed calls of the disk, "
      + "\(totals.fallBacks) damaged commits, \(totals.mergedSegments) merged segments, "
      + "\(totals.presents) moments between commits, "
      + "\(totals.droppedRows) rows that were too old"
  }
}

/// Sums over reports.
private struct Totals {
  var seeds = 0
  var differences = 0
  var lives = 0
  var commits = 0
  var powerCuts = 0
  var diskFailures = 0
  var fallBacks = 0
  var mergedSegments = 0
  var presents = 0
  var droppedRows = 0

  mutating func add(_ report: Simulation.Report) {
    seeds += 1
    differences += report.difference == nil ? 0 : 1
    lives += report.lives
    commits += report.commits
    powerCuts += report.powerCuts
    diskFailures += report.diskFailures
    fallBacks += report.fallBacks
    mergedSegments += report.mergedSegments
    presents += report.presents
    droppedRows += report.droppedRows
  }
}
