import ColdStore
import Commerce
import Dispatch
import Kafka
import Serving
import Synchronization

/// `riffle demo`: broker, shoppers, engine and HTTP in one process.
enum DemoCommand {
  /// Shoppers wait while more messages than this have not been read, over all partitions: with 32 partitions of the
  /// embedded broker a third of what it keeps.
  private static let mostLag: Int64 = 100_000

  /// The embedded broker answers a fetch that finds nothing only when the longest wait is over, even if messages come
  /// meanwhile: most of the time from a shopper's click to its KPI would be that wait. Asking so
  /// often costs some hundredths of a core.
  private static let promptness = SettingValue.NamePair(name: "fetch.wait.max.ms", value: "20")

  /// Thirty-two partitions share what happens in this time: in less, a batch would hold a message or two, and the cost
  /// of batches would be most of the demo's.
  private static let tickMilliseconds: Int64 = 20

  static func run(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    var settings = settings
    let path = arguments.text("data") ?? "demo-data"
    let isEmbedded = !arguments.has("brokers")
    let job = try EngineCall.job(settings)
    try EngineServer.check(settings)
    try EngineCall.run {
      if isEmbedded { try DemoDirectory.empty(path) }
      let broker = isEmbedded ? try EmbeddedBroker() : nil
      if let broker {
        settings.kafkaBrokers = broker.brokers
        settings.kafkaProperties.insert(promptness, at: 0)
        try broker.createTopic(settings.kafkaTopic, partitionCount: Int(arguments.integer("partitions") ?? 32))
      }
      defer { withExtendedLifetime(broker) {} }
      let engine = try RunCommand.engine(job, settings, path: path, command: "riffle demo", isBounded: false)
      let server = try EngineServer.start(engine, settings)
      defer { server.stop() }
      let signal = StopSignal()
      var production = TopicProduction(arguments, settings)
      if isEmbedded { production.tickMilliseconds = tickMilliseconds }
      let shoppers = Shoppers(production, engine, mostLag: mostLag, stop: signal.wish)
      tell(settings, EngineServer.place(server, settings), path, broker)
      try RunCommand.run(engine, signal)
      try Terminal.result(shoppers.wait() + "\n")
    }
    return .success
  }

  private static func tell(_ settings: Settings, _ place: String, _ path: String, _ broker: EmbeddedBroker?) {
    Terminal.note(
      """
      riffle: shoppers are coming; KPIs are live
        page    \(place)/
        try     curl -s '\(place)/kpis/latest'
        data    \(path)
        broker  \(settings.kafkaBrokers), topic \(settings.kafkaTopic)\(broker == nil ? "" : ", embedded")
      Ctrl-C ends it.
      """)
  }
}

/// The shoppers of a demo, on a thread of their own.
private final class Shoppers: Sendable {
  private let outcome = Mutex<Result<String, any Error>?>(nil)
  private let done = DispatchSemaphore(value: 0)

  init(_ production: TopicProduction, _ engine: LiveEngine, mostLag: Int64, stop: StopWish) {
    DispatchQueue(label: "riffle.shoppers", qos: .userInitiated).async { [self] in
      let result = Result {
        try production.run(stop) { engine.status.partitions.reduce(0) { $0 + ($1.lag ?? 0) } > mostLag }
      }
      outcome.withLock { $0 = result }
      if case .failure = result { stop.ask() }
      done.signal()
    }
  }

  /// Returns when the last message was sent, with what was sent as JSON on one line.
  ///
  /// - Throws: what ended the traffic before someone asked to stop.
  func wait() throws -> String {
    done.wait()
    return try outcome.withLock { $0 }?.get() ?? ""
  }
}

/// The data directory of a demo, which begins anew each time.
enum DemoDirectory {
  private static let mark = "DEMO"

  /// Empties the directory at `path` if an earlier demo made it, and marks it.
  ///
  /// - Throws: a usage error where it holds anything else.
  static func empty(_ path: String) throws {
    let fileSystem = LocalFileSystem()
    if fileSystem.exists(path) {
      guard fileSystem.isDirectory(path) else { throw CommandError.usage("demo: \(path) is no directory") }
      let names = try fileSystem.list(path)
      guard names.isEmpty || names.contains(mark) else {
        throw CommandError.usage("demo: \(path) is not empty and no earlier demo made it; choose another --data")
      }
      if !names.isEmpty { Terminal.note("riffle: emptying \(path), which an earlier demo made") }
      for name in names where name != mark { try remove("\(path)/\(name)", fileSystem) }
    }
    try fileSystem.createDirectory(path)
    _ = try fileSystem.createFile("\(path)/\(mark)")
  }

  private static func remove(_ path: String, _ fileSystem: LocalFileSystem) throws {
    guard fileSystem.isDirectory(path) else { return try fileSystem.remove(path) }
    for name in try fileSystem.list(path) { try remove("\(path)/\(name)", fileSystem) }
    try fileSystem.removeDirectory(path)
  }
}
