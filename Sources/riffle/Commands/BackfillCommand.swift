import Checkpoints
import ColdStore
import Commerce
import Dataflow
import Encodings
import Foundation
import Ingest
import Landing
import Query
import Synchronization

/// `riffle backfill`: the graph over files, to the end.
enum BackfillCommand {
  static func run(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    let job = try EngineCall.job(settings)
    let path = arguments.text("data") ?? "data"
    let commit = try EngineCall.run {
      var last: Commit?
      try EngineCall.continuable { last = try read(arguments.operands, into: path, job: job) }
      return last
    }
    try EngineCall.run {
      // What was written a moment ago is not read to see whether it is still good.
      let snapshot = try commit.map { Snapshot(directory: path, commit: $0) } ?? Snapshot(directory: path)
      try Terminal.result(Summary.json(snapshot, job: job) + "\n")
    }
    return .success
  }

  /// Returns the last commit; nil where there was nothing to read.
  private static func read(_ paths: [String], into path: String, job: Job) throws -> Commit? {
    let directory = try EngineCall.directory(path, job, command: "riffle backfill")
    let progress = BackfillProgress()
    let runtime = DispatchRuntime()
    let backfill = try Backfill(
      job: job, paths: paths, directory: directory, runtime: runtime
    ) { progress.update($0) }
    for input in backfill.inputs where input.isSkipped {
      Terminal.note("riffle: \(input.path) is already in \(path), skipped")
    }
    guard backfill.hasWork else { return nil }
    try drive(backfill, runtime, progress, interval: job.settings.checkpointIntervalMilliseconds)
    return progress.commit
  }

  /// Runs the graph to its end, asking for a commit every `interval` milliseconds.
  private static func drive(
    _ backfill: Backfill, _ runtime: DispatchRuntime, _ progress: BackfillProgress, interval: Int64
  ) throws {
    let total = backfill.inputs.filter { !$0.isSkipped }.reduce(Int64(0)) { $0 + $1.state.byteCount }
    var bar = ProgressBar(bytesTotal: total, nowMilliseconds: now())
    var nextCheckpoint = now() + interval
    backfill.graph.wakeAll()
    while try !runtime.wait(timeoutMilliseconds: Int(min(interval, 100))) {
      let reached = backfill.progress
      bar.show(bytesDone: reached.bytes, events: reached.messages, nowMilliseconds: now())
      guard now() >= nextCheckpoint, progress.isReady else { continue }
      progress.asked()
      backfill.checkpoint()
      nextCheckpoint = now() + interval
    }
    bar.finish()
  }

  private static func now() -> Int64 { Int64(DispatchTime.now().uptimeNanoseconds / 1_000_000) }
}

/// The last commit, and whether the checkpoint that was asked for is done: the next one waits for it.
private final class BackfillProgress: Sendable {
  private let state = Mutex<(commit: Commit?, isWaiting: Bool)>((nil, false))

  func update(_ commit: Commit) { state.withLock { $0 = (commit, false) } }
  func asked() { state.withLock { $0.isWaiting = true } }
  var isReady: Bool { state.withLock { !$0.isWaiting } }
  var commit: Commit? { state.withLock { $0.commit } }
}
