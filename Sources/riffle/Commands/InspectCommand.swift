import ColdStore
import Query

/// `riffle inspect`: what a data directory holds.
enum InspectCommand {
  static func run(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    let directory = arguments.text("data") ?? "data"
    let answer = try EngineCall.run {
      let snapshot = try Snapshot(directory: directory)
      let table = arguments.text("table")
      return try arguments.has("json")
        ? Inspection.json(snapshot, table: table) : Inspection.text(snapshot, table: table)
    }
    try Terminal.result(answer)
    return .success
  }
}
