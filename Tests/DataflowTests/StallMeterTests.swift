import Synchronization
import Testing

@testable import Dataflow

@Suite struct StallMeterTests {
  @Test func aStallIsTheSnapshotAndTheLongestStepBehindIt() {
    var stall = BarrierStall()
    #expect(stall.add(nanoseconds: 900, isSnapshot: false) == nil)
    #expect(stall.add(nanoseconds: 10, isSnapshot: true) == nil)
    let following = [1, 70, 3, 4, 5, 6, 7].map { stall.add(nanoseconds: $0, isSnapshot: false) }
    #expect(following.allSatisfy { $0 == nil })
    #expect(stall.add(nanoseconds: 8, isSnapshot: false) == 80)
    #expect(stall.add(nanoseconds: 900, isSnapshot: false) == nil)
  }

  @Test func theNextBarrierEndsAStall() {
    var stall = BarrierStall()
    #expect(stall.add(nanoseconds: 10, isSnapshot: true) == nil)
    #expect(stall.add(nanoseconds: 5, isSnapshot: false) == nil)
    #expect(stall.add(nanoseconds: 20, isSnapshot: true) == 15)
    #expect(stall.add(nanoseconds: 30, isSnapshot: true) == 20)
  }

  /// Each barrier but perhaps the last ends as one stall, of at least the ticks that pass in a step.
  @Test func aStageTellsOfEachBarrier() throws {
    let runtime = SimulationRuntime(seed: 1)
    let diamond = Diamond(runtime, [Array(1...200), Array(1...200)])
    let stalls = Mutex<[Double]>([])
    let clock = Atomic<UInt64>(0)
    diamond.sink.stallMeter = StallMeter(
      nowNanoseconds: { clock.add(1_000_000_000, ordering: .relaxed).newValue },
      observe: { seconds in stalls.withLock { $0.append(seconds) } })
    var (steps, epoch) = (0, UInt64(0))
    while case .stepped = try runtime.step(diamond.graph) {
      steps += 1
      if epoch < 3, steps % 100 == 0 {
        epoch += 1
        diamond.graph.requestCheckpoint(epoch: epoch)
      }
    }
    let snapshots = diamond.sink.body.recorder.calls.count { if case .snapshot = $0 { true } else { false } }
    let found = stalls.withLock { $0 }
    #expect(snapshots == 3 && found.count >= 2 && found.count <= 3)
    #expect(found.allSatisfy { $0 == 1 || $0 == 2 })
  }
}
