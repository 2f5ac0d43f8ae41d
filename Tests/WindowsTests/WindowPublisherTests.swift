import Dataflow
import HotIndex
import TestSupport
import Testing
import Windows

/// What readers of the hot index see of a merger, against a computation as plain as can be.
@Suite struct WindowPublisherTests {
  /// Whatever arrives, however late, wherever the watermark stands and however often the engine comes back.
  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func publishedWindowsAreThoseOfAllEvents(seed: UInt64) throws {
    var trial = PublisherTrial(seed: seed)
    for step in 0..<200 {
      try trial.act()
      if let problem = trial.publish() {
        Issue.record("seed \(seed), step \(step): \(problem)")
        return
      }
    }
    #expect(trial.checkedWindows > 100, "seed \(seed)")
  }

  /// A window's way through all its statuses, and out of the index once a commit holds what came too late.
  @Test func aWindowIsOpenThenOnTimeThenRevisedThenFinalThenGone() {
    var trial = PublisherTrial(
      rollup: Rollup(name: "kpi", shape: .tumbling(size: 60), groupBy: [], measures: PublisherTrial.measures),
      lateness: 30)
    func status() -> String {
      #expect(trial.publish() == nil)
      return trial.hot.snapshot.rollups["kpi"]?.windows(overlapping: 0..<60).first?.status.rawValue ?? "gone"
    }
    trial.add(at: 10, group: [])
    #expect(status() == "open")
    trial.advance(to: 60)
    #expect(status() == "on_time")
    trial.add(at: 20, group: [])
    #expect(status() == "revised")
    trial.advance(to: 90)
    #expect(status() == "final")
    trial.add(at: 30, group: [])
    #expect(status() == "final", "left as it was while no commit holds the change")
    trial.merger.snapshot(at: 1)
    #expect(status() == "final", "the commit is not written yet")
    trial.committedEpoch = 1
    #expect(status() == "gone")
  }

  /// A pane outlives the windows before its last one: what comes for those is for the store, not for the sum of the
  /// panes that are left.
  @Test func aFinalHoppingWindowIsNotMadeFromTheRestOfItsPanes() {
    var trial = PublisherTrial(
      rollup: Rollup(
        name: "kpi", shape: .hopping(size: 60, slide: 20), groupBy: [], measures: PublisherTrial.measures), lateness: 0)
    trial.add(at: 5, group: [])
    trial.add(at: 45, group: [])
    #expect(trial.publish() == nil)
    trial.advance(to: 60)
    trial.add(at: 46, group: [])
    #expect(trial.publish() == nil)
    let first = trial.hot.snapshot.rollups["kpi"]?.windows(overlapping: 0..<60).first { $0.window == 0..<60 }
    #expect(first?.eventCount == 2 && first?.status == .final)
    #expect(trial.amended == [HotKey(rollup: "kpi", window: 0..<60, group: [])])
  }
}
