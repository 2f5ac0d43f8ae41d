import ColdStore
import Commerce
import Dispatch
import Kafka
import Landing
import Query

/// `riffle run`: the engine against a Kafka topic, until it is stopped; with `--once` to the end of what is there.
enum RunCommand {
  static func run(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    let job = try EngineCall.job(settings)
    let path = arguments.text("data") ?? "data"
    let isBounded = arguments.has("once")
    try EngineCall.run {
      let directory = try DataDirectory(
        path: path, configuration: job.landing.configuration, fileSystem: LocalFileSystem())
      for reason in directory.skipped { Terminal.note("riffle: fell back to an older commit: \(reason)") }
      let engine = try LiveEngine(
        job: job, input: KafkaInput(settings), directory: directory, isBounded: isBounded)
      let signal = StopSignal()
      let wish = signal.wish
      DispatchQueue(label: "riffle.stop").async {
        wish.wait(milliseconds: .max)
        engine.stop()
      }
      defer { withExtendedLifetime(signal) { wish.ask() } }
      try engine.run()
    }
    guard isBounded else { return .success }
    try EngineCall.run {
      try Terminal.result(Summary.json(Snapshot(directory: path), job: job) + "\n")
    }
    return .success
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
    self.init(
      configuration: KafkaConfiguration(
        brokers: settings.kafkaBrokers, properties: settings.kafkaProperties.map { ($0.name, $0.value) }),
      topic: settings.kafkaTopic, groupID: settings.kafkaGroupID, memoryBytes: settings.kafkaMemoryBytes, start: start)
  }
}
