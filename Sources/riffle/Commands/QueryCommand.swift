import Checkpoints
import Query

/// `riffle query`: the answer to a question in JSON.
enum QueryCommand {
  static func run(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    let job = try EngineCall.job(settings)
    let request = try request(arguments)
    let directory = arguments.text("data") ?? "data"
    let printer = try EngineCall.run {
      let snapshot = try Snapshot(directory: directory, asOf: request.asOf)
      Terminal.noteFallback(snapshot.skipped, to: snapshot.commit.epoch)
      return QueryPrinter(try QueryAnswer(snapshot, job: job, request))
    }
    let output = try OutputFile(arguments.given("output"))
    try EngineCall.run { while let block = try printer.next() { try output.write(block) } }
    if request.format != .json {
      let read = String(decoding: printer.answer.statistics.json, as: UTF8.self)
      Terminal.note("{\"epoch\":\(printer.answer.epoch),\"read\":\(read)}")
    }
    return .success
  }

  /// The operand is the query itself, which begins with a brace, or the file that holds it.
  static func request(_ arguments: ParsedArguments) throws(CommandError) -> QueryRequest {
    let operand = arguments.operands.first ?? ""
    let isText = operand.drop { $0.isWhitespace }.hasPrefix("{")
    let text = isText ? operand : try TextFile.read(operand == "-" ? "/dev/stdin" : operand)
    var request = try EngineCall.run { try QueryRequest(json: Array(text.utf8)) }
    if let format = arguments.given("format").flatMap(QueryFormat.init) { request.format = format }
    return request
  }
}
