/// `riffle produce`.
enum ProduceCommand {
  static func run(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    throw .ourBug("'produce' is not connected to the engine")
  }
}
