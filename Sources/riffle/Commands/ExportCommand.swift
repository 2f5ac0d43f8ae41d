/// `riffle export`.
enum ExportCommand {
  static func run(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    throw .ourBug("'export' is not connected to the engine")
  }
}
