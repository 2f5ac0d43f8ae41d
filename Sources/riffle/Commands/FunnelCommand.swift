import Checkpoints
import Commerce
import Query

/// `riffle funnel`: how far users got along the steps of a funnel.
enum FunnelCommand {
  static func run(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    let job = try EngineCall.job(settings)
    let request = FunnelRequest(arguments, job.settings)
    let format = arguments.text("format").flatMap(FunnelReport.Format.init) ?? .text
    let report = try EngineCall.run {
      let snapshot = try Snapshot(directory: arguments.text("data") ?? "data")
      Terminal.noteFallback(snapshot.skipped, to: snapshot.commit.epoch)
      return try FunnelReport(snapshot, job: job, request)
    }
    try OutputFile(arguments.given("output")).write(report.printed(format))
    return .success
  }
}

extension FunnelRequest {
  /// What the flags of `funnel` ask for: the configured funnel where they are silent.
  init(_ arguments: ParsedArguments, _ settings: JobSettings) {
    self.init(settings)
    if let names = arguments.given("steps") {
      steps = names.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    if let window = arguments.durationMilliseconds("window") { windowMilliseconds = window }
    if let name = arguments.text("unit"), let unit = Unit(rawValue: name) { self.unit = unit }
    from = arguments.time("from")
    to = arguments.time("to")
    groupBy = arguments.given("by")
  }
}
