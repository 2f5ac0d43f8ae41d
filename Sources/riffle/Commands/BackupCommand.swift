import ColdStore
import Commerce
import Landing
import Query
import Telemetry

/// `riffle backup`: the newest good commit of a data directory, put aside.
enum BackupCommand {
  static func run(_ arguments: ParsedArguments) throws(CommandError) -> ExitCode {
    let path = arguments.text("data") ?? "data"
    let target = DirectoryName.trimmed(arguments.given("output") ?? "")
    let outcome = try EngineCall.run {
      try DirectoryName.checkExists(path)
      return try Backup.run(path, to: target, fileSystem: LocalFileSystem())
    }
    Terminal.noteFallback(outcome.skipped, to: outcome.manifest.epoch)
    let manifest = outcome.manifest
    try Terminal.result(
      JSONText.object([
        ("epoch", "\(manifest.epoch)"), ("files", "\(manifest.files.count)"), ("bytes", "\(manifest.byteCount)"),
        ("shared_files", "\(outcome.sharedCount)"),
      ]) + "\n")
    return .success
  }
}

/// `riffle restore`: a backup, made a data directory again.
enum RestoreCommand {
  static func run(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    let job = try EngineCall.job(settings)
    let backup = DirectoryName.trimmed(arguments.given("from") ?? "")
    let path = DirectoryName.trimmed(arguments.text("data") ?? "data")
    let report = try EngineCall.run {
      try DirectoryName.checkExists(backup)
      let manifest = try Restore.run(backup, to: path, fileSystem: LocalFileSystem()) {
        try Snapshot(directory: backup).check(job)
      }
      Terminal.note("riffle: restored commit \(manifest.epoch), \(manifest.files.count) files, as \(path)")
      return try Verification.run(Snapshot(directory: path), job: job)
    }
    try Terminal.result(arguments.has("json") ? report.json + "\n" : report.text)
    return report.isGood ? .success : .badData
  }
}

/// Names of directories as people type them.
enum DirectoryName {
  /// Without slashes at the end, which completion leaves there.
  static func trimmed(_ name: String) -> String {
    var name = name[...]
    while name.count > 1, name.hasSuffix("/") { name = name.dropLast() }
    return String(name)
  }

  static func checkExists(_ path: String) throws(CommandError) {
    guard LocalFileSystem().isDirectory(path) else { throw .cannotOpenInput("\(path) is no directory") }
  }
}
