import Checkpoints
import ColdStore
import Commerce
import Landing
import Query
import Telemetry

/// `riffle compact`: the segments of a data directory that no engine runs on, merged.
enum CompactCommand {
  static func run(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    let job = try EngineCall.job(settings)
    let path = arguments.text("data") ?? "data"
    let outcomes = try EngineCall.run {
      try DirectoryName.checkExists(path)
      // Refuses what is no data directory before a lock file is left there.
      _ = try Snapshot(directory: path)
      return try JobCompaction.run(job, EngineCall.directory(path, job, command: "riffle compact"))
    }
    let tables = outcomes.map { outcome in
      JSONText.object([
        ("table", JSONText.string(outcome.table)), ("before", json(outcome.before)), ("after", json(outcome.after)),
      ])
    }
    try Terminal.result(JSONText.object([("tables", JSONText.array(tables))]) + "\n")
    return .success
  }

  private static func json(_ size: Compaction.Size) -> String {
    JSONText.object([
      ("files", "\(size.fileCount)"), ("rows", "\(size.rowCount)"), ("bytes", "\(size.byteCount)"),
    ])
  }
}
