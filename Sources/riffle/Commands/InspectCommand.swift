import ColdStore
import Query

/// `riffle inspect`: what a data directory holds.
enum InspectCommand {
  static func run(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    let directory = arguments.text("data") ?? "data"
    let isJSON = arguments.has("json") || arguments.text("format") == "json"
    let answer = try EngineCall.run {
      let snapshot = try Snapshot(directory: directory, asOf: arguments.integer("commit").map { .epoch(UInt64($0)) })
      let (table, segment) = (arguments.text("table"), arguments.text("segment"))
      return try isJSON
        ? Inspection.json(snapshot, table: table, segment: segment)
        : Inspection.text(snapshot, table: table, segment: segment)
    }
    try Terminal.result(answer)
    return .success
  }
}
