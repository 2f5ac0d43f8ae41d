import Checkpoints
import ColdStore
import Commerce
import Dispatch
import Kafka
import Landing
import Outbox
import Query
import Serving
import Telemetry

/// `riffle run`: the engine against a Kafka topic, until it is stopped; with `--once` to the end of what is there.
enum RunCommand {
  static func run(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    let path = arguments.text("data") ?? "data"
    let isBounded = arguments.has("once")
    let job = try EngineCall.job(settings)
    if !isBounded { try EngineServer.check(settings) }
    let commit = try EngineCall.run {
      let engine = try engine(
        job, settings, path: path, command: "riffle run", isBounded: isBounded, hasOutbox: true)
      let server = isBounded ? nil : try EngineServer.start(engine, settings)
      defer { server?.stop() }
      if let server { Terminal.note("riffle: answering at \(EngineServer.place(server, settings))/") }
      try EngineCall.continuable { try run(engine, StopSignal()) }
      tellOutbox(engine)
      return engine.newestCommit
    }
    guard isBounded, let commit else { return .success }
    // It was written a moment ago: nothing is read to see whether it is still good.
    try EngineCall.run {
      try Terminal.result(Summary.json(Snapshot(directory: path, commit: commit), job: job) + "\n")
    }
    return .success
  }

  /// An engine on the directory at `path`, which sends results to the topics that the settings name if it `hasOutbox`.
  static func engine(
    _ job: Job, _ settings: Settings, path: String, command: String, isBounded: Bool, hasOutbox: Bool = false
  ) throws -> LiveEngine {
    let directory = try EngineCall.directory(path, job, command: command)
    let outbox = (hasOutbox ? OutboxPlan(settings) : nil).map {
      KafkaOutbox($0, job: job, directory: path, continuing: directory.commit)
    }
    return try LiveEngine(
      job: job, input: KafkaInput(settings), directory: directory, isBounded: isBounded, outbox: outbox,
      log: Log(settings))
  }

  /// Says what topics have not got when a run ends.
  private static func tellOutbox(_ engine: LiveEngine) {
    for sink in engine.status.sinks where sink.lagRows > 0 {
      let reason = sink.problem.map { " (\($0))" } ?? ""
      Terminal.note("riffle: \(sink.lagRows) rows for \(sink.topic) are not sent yet\(reason); the next run sends them")
    }
  }

  /// Runs `engine` until it ends or `signal` comes.
  static func run(_ engine: LiveEngine, _ signal: StopSignal) throws {
    let wish = signal.wish
    DispatchQueue(label: "riffle.stop").async {
      wish.wait(milliseconds: .max)
      engine.stop()
    }
    defer { withExtendedLifetime(signal) { wish.ask() } }
    try engine.run()
  }
}

extension OutboxPlan {
  /// Nil where no topic is named.
  init?(_ settings: Settings) {
    func topic(_ name: String) -> String? { name.isEmpty ? nil : name }
    self.init(
      configuration: KafkaPlace(settings).configuration, resultsTopic: topic(settings.outboxResultsTopic),
      deadLettersTopic: topic(settings.outboxDeadLettersTopic))
    partitionCount = settings.outboxPartitions
    flushMilliseconds = Int(settings.outboxFlushTimeoutMilliseconds)
    guard resultsTopic != nil || deadLettersTopic != nil else { return nil }
  }
}

extension KafkaInput {
  init(_ settings: Settings) {
    let start: Start =
      switch settings.kafkaStart {
      case .earliest: .earliest
      case .latest: .latest
      case .time(let time): .time(time)
      }
    let place = KafkaPlace(settings)
    self.init(
      configuration: place.configuration, topic: place.topic, groupID: settings.kafkaGroupID,
      memoryBytes: settings.kafkaMemoryBytes, start: start)
  }
}
