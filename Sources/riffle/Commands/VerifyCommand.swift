/// `riffle verify`.
enum VerifyCommand {
  static func run(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    throw .ourBug("'verify' is not connected to the engine")
  }
}
