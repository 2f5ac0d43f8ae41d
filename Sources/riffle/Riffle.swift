import Telemetry

/// The program: from the words of the command line to an exit code.
enum Riffle {
  /// Runs the command that `words` name; `environment` may override settings. Never throws: a failure is one sentence
  /// on standard error and an exit code that tells its kind.
  static func main(_ words: [String], _ environment: [String: String]) -> ExitCode {
    do {
      return try run(ArgumentParser.parse(words), environment)
    } catch {
      Terminal.failure(error.message)
      return error.code
    }
  }

  private static func run(_ arguments: ParsedArguments, _ environment: [String: String]) throws(CommandError)
    -> ExitCode
  {
    switch arguments.action {
    case .help(let topic): return try HelpCommand.run(topic)
    case .version: return try VersionCommand.run()
    case .command: break
    }
    let settings = try SettingsLoader.load(arguments, environment)
    let isLive = arguments.command.identity == .run || arguments.command.identity == .demo
    if isLive, settings.logFormat == .json { Terminal.note(through: Log(settings)) }
    switch arguments.command.identity {
    case .backfill: return try BackfillCommand.run(arguments, settings)
    case .demo: return try DemoCommand.run(arguments, settings)
    case .run: return try RunCommand.run(arguments, settings)
    case .query: return try QueryCommand.run(arguments, settings)
    case .export: return try ExportCommand.run(arguments, settings)
    case .funnel: return try FunnelCommand.run(arguments, settings)
    case .inspect: return try InspectCommand.run(arguments, settings)
    case .verify: return try VerifyCommand.run(arguments, settings)
    case .backup: return try BackupCommand.run(arguments)
    case .restore: return try RestoreCommand.run(arguments, settings)
    case .rebuild: return try RebuildCommand.run(arguments, settings)
    case .compact: return try CompactCommand.run(arguments, settings)
    case .configCheck: return try ConfigCheckCommand.run(arguments, settings)
    case .keysCreate: return try KeysCommand.create(arguments)
    case .auditVerify: return try AuditCommand.verify(arguments)
    case .produce: return try ProduceCommand.run(arguments, settings)
    case .replay: return try ReplayCommand.run(arguments, settings)
    case .topicsCreate: return try TopicsCommand.create(arguments, settings)
    case .topicsList: return try TopicsCommand.list(arguments, settings)
    case .topicsDescribe: return try TopicsCommand.describe(arguments, settings)
    case .deadLettersList: return try DeadLettersCommand.list(arguments, settings)
    case .deadLettersReplay: return try DeadLettersCommand.replay(arguments, settings)
    }
  }
}
