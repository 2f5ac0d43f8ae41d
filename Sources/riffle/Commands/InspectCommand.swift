/// `riffle inspect`.
enum InspectCommand {
  static func run(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    throw .ourBug("'inspect' is not connected to the engine")
  }
}
