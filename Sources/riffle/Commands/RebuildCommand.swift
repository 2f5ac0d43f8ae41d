import Checkpoints
import ColdStore
import Commerce
import Landing
import Query

/// `riffle rebuild`: sessions and KPIs once more, from the stored events.
enum RebuildCommand {
  static func run(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    let job = try EngineCall.job(settings)
    let path = arguments.text("data") ?? "data"
    let target = arguments.given("output").map(DirectoryName.trimmed)
    let summary = try EngineCall.run {
      try DirectoryName.checkExists(path)
      if let target {
        _ = try JobRebuild.run(job, from: path, to: target, fileSystem: LocalFileSystem())
      } else {
        try rebuild(path, job)
      }
      return try Summary.json(Snapshot(directory: target ?? path), job: job)
    }
    try Terminal.result(summary + "\n")
    return .success
  }

  private static func rebuild(_ path: String, _ job: Job) throws {
    // Refuses what is no data directory before a lock file is left there.
    _ = try Snapshot(directory: path)
    try JobRebuild.run(job, EngineCall.directory(path, job, command: "riffle rebuild", anyDefinitions: true))
  }
}
