internal import Checkpoints
internal import Columns
internal import Dataflow
internal import HotIndex
internal import Ingest
internal import Synchronization
internal import Telemetry
internal import Windows

extension LiveEngine {
  /// Lets the merger's queue publish, which is also a sign that the queues of the graph work.
  func publishSoon(_ run: LiveRun<DispatchRuntime>) {
    run.runtime.perform(on: run.wiring.merger) { [weak self, lifeSigns] in
      self?.publish(run)
      lifeSigns.give(.graph)
    }
  }

  /// Shows the merger's changes. Called on the merger's queue, and once more when the run is over.
  func publish(_ run: LiveRun<DispatchRuntime>) {
    let now = WallClock.nowMilliseconds()
    let merger = run.wiring.merger.body
    let lateness = merger.lateness
    let (commit, repaired) = shared.withLock { shared in
      shared.lateness = lateness
      return (shared.commit, shared.amended)
    }
    let changes = merger.takeChanges().compactMap { change -> (rollup: String, window: HotWindow)? in
      var window = change.window
      let key = HotKey(rollup: change.rollup, window: window.window, group: window.group)
      guard !repaired.contains(key) else { return nil }
      window.updatedMilliseconds = now
      return (change.rollup, window)
    }
    let amended = merger.takeAmended(upTo: commit?.epoch ?? 0) + repaired
    if let oldest = hotIndex.snapshot.now.map({ $0 - job.settings.hotRetentionMilliseconds }) {
      shared.withLock { $0.amended = $0.amended.filter { $0.window.upperBound > oldest } }
    }
    let watermark = run.clock.source.watermark
    hotIndex.publish(
      changes, removing: amended, watermark: watermark == EventTime.distantPast ? nil : watermark,
      newestEventTime: run.newestEventTime, storedEnd: storedEnd(commit))
  }

  /// Before it end the windows that are sealed in `commit`: whatever comes for them later, this merger knows nothing
  /// of what they are, and takes them out of the index instead.
  private func storedEnd(_ commit: Commit?) -> Int64 {
    let (end, overflows) = (commit?.watermark ?? EventTime.distantPast)
      .subtractingReportingOverflow(job.settings.allowedLatenessMilliseconds)
    return overflows ? EventTime.distantPast : end
  }
}
