/// `riffle backfill`.
enum BackfillCommand {
  static func run(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    throw .ourBug("'backfill' is not connected to the engine")
  }
}
