import Checkpoints
import ColdStore
import Commerce
import Query

/// `riffle export`: a table of a data directory, printed.
enum ExportCommand {
  static func run(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    let job = try EngineCall.job(settings)
    var options = Export.Options()
    options.format = Export.Format(rawValue: arguments.text("format") ?? "ndjson") ?? .ndjson
    options.isRaw = arguments.has("raw")
    options.withCompleteness = arguments.has("with-completeness")
    let table = arguments.text("table") ?? ""
    let directory = arguments.text("data") ?? "data"
    let asOf = try arguments.given("as-of").map { text throws(CommandError) in
      guard let asOf = AsOf(text) else { throw .usage("--as-of \(AsOf.expectation(text))") }
      return asOf
    }
    let output = try OutputFile(arguments.given("output"), isWhole: true)
    try EngineCall.run {
      let snapshot = try Snapshot(directory: directory, asOf: asOf)
      Terminal.noteFallback(snapshot.skipped, to: snapshot.commit.epoch)
      try Export.run(snapshot, job: job, table: table, options: options) { try output.write($0) }
      try output.finish()
    }
    return .success
  }
}
