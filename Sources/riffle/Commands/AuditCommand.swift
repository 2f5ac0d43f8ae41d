import ColdStore
import Serving
import Telemetry

/// `riffle audit verify`.
enum AuditCommand {
  static func verify(_ arguments: ParsedArguments) throws(CommandError) -> ExitCode {
    let path = arguments.operands[0]
    let report = try EngineCall.run { try AuditReport(path) }
    try Terminal.result(arguments.has("json") ? json(report) : text(report, path))
    return report.problem == nil ? .success : .badData
  }

  static func text(_ report: AuditReport, _ path: String) -> String {
    let cut = report.cutLineCount > 0 ? "; \(report.cutLineCount) were cut off while they were written" : ""
    guard let problem = report.problem else {
      return "\(path): \(report.lineCount) lines, as they were written\(cut)\nlast hash: \(report.head)\n"
    }
    return
      "\(path), line \(problem.line): \(problem.text)\n\(report.lineCount) lines before it are as they were written\n"
  }

  static func json(_ report: AuditReport) -> String {
    JSONText.object([
      ("lines", "\(report.lineCount)"), ("cut_lines", "\(report.cutLineCount)"), ("head", JSONText.string(report.head)),
      ("problem_line", report.problem.map { "\($0.line)" } ?? "null"),
      ("problem", report.problem.map { JSONText.string($0.text) } ?? "null"),
    ]) + "\n"
  }
}
