/// `riffle --help`, `riffle help COMMAND`, `riffle COMMAND --help`.
enum HelpCommand {
  static func run(_ topic: String?) throws(CommandError) -> ExitCode {
    let command = topic.flatMap(CommandTable.named)
    try Terminal.result(command.map(HelpText.page) ?? HelpText.program())
    return .success
  }
}
