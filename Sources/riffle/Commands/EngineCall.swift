import Checkpoints
import ColdStore
import Commerce
import Encodings
import Ingest
import Kafka
import Landing
import Query
import Shoppers
import Telemetry

/// Where the engine's errors become the command's: one place that decides the exit code.
enum EngineCall {
  /// The job of `settings`.
  static func job(_ settings: Settings) throws(CommandError) -> Job { try Job(settings) }

  /// The data directory at `path` for `command`, which writes it; says so where the newest commit was damaged.
  ///
  /// `anyDefinitions`: also one that was made with other definitions than those of `job`.
  static func directory(
    _ path: String, _ job: Job, command: String, anyDefinitions: Bool = false
  ) throws -> DataDirectory {
    let directory = try DataDirectory(
      path: path, configuration: anyDefinitions ? nil : job.landing.configuration, command: command,
      fileSystem: LocalFileSystem(), history: job.settings.history)
    Terminal.noteFallback(directory.skipped, to: directory.commit?.epoch)
    return directory
  }

  /// Runs `body`, which writes a data directory and can be repeated; says so where the disk fails.
  static func continuable(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as FileError {
      throw CommandError.inputOutput(
        "\(error); what was committed is kept: see to the disk, then give the same command again")
    }
  }

  /// Runs `body` and says in one sentence what it threw.
  static func run<Result>(_ body: () throws -> Result) throws(CommandError) -> Result {
    do {
      return try body()
    } catch let error as CommandError {
      throw error
    } catch let error as FunnelRequestError {
      let hint = error.unknown.map { NearestName.hint($0, among: error.known) } ?? ""
      throw .usage("funnel: " + (hint.isEmpty ? error.description : error.problem + hint))
    } catch let error as QueryError {
      throw .usage(error.description)
    } catch let error as TrafficOptionsError {
      throw .usage(error.description)
    } catch let error as KafkaError {
      throw CommandError(code: error.exitCode, message: error.description)
    } catch let error as FileReadError {
      throw .cannotOpenInput(error.description)
    } catch let error as DataDirectoryError {
      throw .cannotOpenInput(error.description)
    } catch let error as OccupiedDirectoryError {
      throw .cannotCreate(error.description)
    } catch let error as DirectoryLock.Failure {
      throw .unavailable(error.description)
    } catch let error as KafkaError {
      throw error.kind == .configuration ? .usage(error.description) : .unavailable(error.description)
    } catch let error as CorruptionError {
      throw .badData(error.description)
    } catch let error as FileError {
      throw .inputOutput(error.description)
    } catch {
      throw .ourBug("\(error)")
    }
  }
}

extension KafkaError {
  /// What a script can do about it.
  fileprivate var exitCode: ExitCode {
    switch kind {
    case .configuration: .usage
    case .topicExists: .cannotCreate
    case .messageTooLarge: .badData
    case .unsupported, .unreachable, .timedOut, .authentication, .authorization, .unknownTopic, .unknownPartition,
      .offsetOutOfRange, .queueFull, .fatal, .other:
      .unavailable
    }
  }
}
