import ColdStore
import Commerce
import Query

/// `riffle verify`: checksums, conservation, stored KPIs and sessions against the raw events.
enum VerifyCommand {
  static func run(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    let job = try EngineCall.job(settings)
    let path = arguments.text("data") ?? "data"
    let report = try EngineCall.run {
      let snapshot = try Snapshot(directory: path)
      return try Verification.run(snapshot, job: job)
    }
    try Terminal.result(arguments.has("json") ? report.json + "\n" : report.text)
    return report.isGood ? .success : .badData
  }
}
