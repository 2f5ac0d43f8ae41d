import Simulation
import TestSupport
import Testing

/// The engine in the simulation; `make simulate SEEDS=10000` runs more of it, and much faster.
@Suite struct SimulationTests {
  @Test func theEngineComesToTheReference() throws {
    let place = TemporaryDirectory()
    for seed in 1...40 as ClosedRange<UInt64> {
      let report = try Simulation(seed: seed, in: place).run()
      #expect(report.difference == nil, "seed \(seed): \(report.world)")
      #expect(report.lives > 1)
    }
  }

  /// A simulation that finds nothing would be worth nothing: it must find what was broken on purpose.
  @Test(arguments: Simulation.Flaw.allCases.filter { $0 != .none })
  func aPlantedBugIsFound(_ flaw: Simulation.Flaw) throws {
    let place = TemporaryDirectory()
    let found = try (1...1_000 as ClosedRange<UInt64>).first { seed in
      try Simulation(seed: seed, flaw: flaw, in: place).run().difference != nil
    }
    #expect(found != nil, "\(flaw) is not found within 1,000 seeds")
  }
}
