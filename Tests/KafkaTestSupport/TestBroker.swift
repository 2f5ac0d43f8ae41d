internal import Foundation
internal import Glibc
public import Kafka
internal import Synchronization

/// A real Apache Kafka for tests: one KRaft node on loopback in a temporary folder, started from an unpacked release.
///
/// The release is named by the environment: `RIFFLE_KAFKA_HOME` is a folder with `bin/kafka-storage.sh` and
/// `bin/kafka-server-start.sh` (it needs Java). Or `RIFFLE_TEST_BROKERS=host:port` names a running broker, which cannot
/// be killed or given other settings. Without either, ``isAvailable`` is false and tests are skipped with ``reason``.
///
/// ```swift
/// @Suite(.enabled(if: TestBroker.isAvailable, Comment(rawValue: TestBroker.reason)), .serialized) struct … {
///   let broker = try TestBroker()
///   broker.kill(); try broker.start()   // same port, same folder: all messages are still there
/// }
/// ```
///
/// `@unchecked Sendable`: a test uses it from one thread at a time; only `deinit` may come from another.
public final class TestBroker: @unchecked Sendable {
  /// What a broker asks of its clients.
  public struct Security: Sendable {
    public var usesTLS = false
    /// User and password for SASL PLAIN and SCRAM-SHA-256.
    public var login: (user: String, password: String)?

    public init(usesTLS: Bool = false, login: (user: String, password: String)? = nil) {
      self.usesTLS = usesTLS
      self.login = login
    }

    var protocolName: String { (login == nil ? "" : "SASL_") + (usesTLS ? "SSL" : "PLAINTEXT") }
  }

  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  public static let home = ProcessInfo.processInfo.environment["RIFFLE_KAFKA_HOME"]
  public static let runningBrokers = ProcessInfo.processInfo.environment["RIFFLE_TEST_BROKERS"]

  /// Whether there is any real broker to test against.
  public static var isAvailable: Bool { home != nil || runningBrokers != nil }
  /// Whether tests may start, kill and configure one.
  public static var isOurs: Bool { home != nil }
  /// Why tests are skipped.
  public static let reason: String =
    "needs a real Kafka: set RIFFLE_KAFKA_HOME to an unpacked release, or RIFFLE_TEST_BROKERS=host:port"
  public static let reasonOfOurs: String = "needs a Kafka of its own: set RIFFLE_KAFKA_HOME to an unpacked release"

  /// `127.0.0.1:41253`.
  public let brokers: String
  /// Topics of this test alone begin with this, since a running broker is shared.
  public let prefix = "t\(UInt32.random(in: .min ... .max))-"
  let security: Security
  let directory: URL
  /// Brokers start one after the other: two at once take longer than both, and a small machine's patience is short.
  private static let starting = Mutex(())
  private var server: Process?
  private var watchdog: Watchdog?

  /// Starts a broker and waits until it serves.
  ///
  /// - Parameter settings: of the broker, in Kafka's names; they win over the test's own.
  public init(security: Security = Security(), settings: [String: String] = [:]) throws {
    self.security = security
    directory = FileManager.default.temporaryDirectory.appending(path: "riffle-kafka-\(UUID().uuidString)")
    guard let home = TestBroker.home else {
      brokers = TestBroker.runningBrokers ?? ""
      return
    }
    let (port, controllerPort) = try FreePort.findTwo()
    brokers = "127.0.0.1:\(port)"
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    if security.usesTLS { try TestCertificates.make(in: directory) }
    let properties = BrokerProperties.text(
      directory: directory, port: port, controllerPort: controllerPort, security: security, settings: settings)
    try properties.write(to: directory.appending(path: "server.properties"), atomically: true, encoding: .utf8)
    try format(home)
    try start()
  }

  deinit {
    guard TestBroker.isOurs else { return }
    kill()
    try? FileManager.default.removeItem(at: directory)
  }

  /// How to reach it: also the security settings, with PLAIN.
  public func configuration(_ properties: [(name: String, value: String)] = []) -> KafkaConfiguration {
    KafkaConfiguration(brokers: brokers, properties: securityProperties + properties)
  }

  /// Starts it again on the same port and folder, and waits until it serves.
  public func start() throws { try TestBroker.starting.withLock { _ in try startAlone() } }

  private func startAlone() throws {
    guard let home = TestBroker.home else { throw Failure(description: "\(brokers) is not ours to start") }
    let log = directory.appending(path: "server.log")
    _ = FileManager.default.createFile(atPath: log.path, contents: nil)
    let output = try FileHandle(forWritingTo: log)
    let process = Process()
    process.executableURL = URL(filePath: "\(home)/bin/kafka-server-start.sh")
    process.arguments = [directory.appending(path: "server.properties").path]
    process.standardOutput = output
    process.standardError = output
    process.environment = ProcessInfo.processInfo.environment.merging(
      [
        // A test's broker lives for seconds: the quick compiler and the simple collector suit it.
        "KAFKA_HEAP_OPTS": "-Xms128m -Xmx512m",
        "KAFKA_JVM_PERFORMANCE_OPTS": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.awt.headless=true",
        "LOG_DIR": directory.appending(path: "logs").path,
      ]) { $1 }
    try process.run()
    server = process
    watchdog = try Watchdog(over: process.processIdentifier, directory)
    let isServing = try Deadline.wait(seconds: 120) {
      guard process.isRunning else { throw Failure(description: "the broker ended:\n\(try end(of: log))") }
      return try String(contentsOf: log, encoding: .utf8).contains("Kafka Server started")
    }
    guard isServing else { throw Failure(description: "the broker is not ready after 120 s:\n\(try end(of: log))") }
  }

  /// Ends it as a crash would: `kill -9`.
  public func kill() {
    if let server { _ = Glibc.kill(server.processIdentifier, SIGKILL) }
    waitForEnd()
  }

  /// Ends it in order.
  public func stop() {
    server?.terminate()
    waitForEnd()
  }

  /// Deletes the messages of a partition before an offset, as retention does.
  public func deleteRecords(topic: String, partition: Int, before offset: Int64) throws {
    guard let home = TestBroker.home else { throw Failure(description: "\(brokers) is not ours to change") }
    let list = directory.appending(path: "delete.json")
    try #"{"version":1,"partitions":[{"topic":"\#(topic)","partition":\#(partition),"offset":\#(offset)}]}"#
      .write(to: list, atomically: true, encoding: .utf8)
    let words = ["--bootstrap-server", brokers, "--offset-json-file", list.path]
    try Command.run("\(home)/bin/kafka-delete-records.sh", words, in: directory)
  }

  private func waitForEnd() {
    server?.waitUntilExit()
    watchdog?.dismiss()
    (server, watchdog) = (nil, nil)
  }

  private var securityProperties: [(name: String, value: String)] {
    guard TestBroker.isOurs else { return [] }
    var properties = [(name: "security.protocol", value: security.protocolName.lowercased())]
    if security.usesTLS { properties.append(("ssl.ca.location", directory.appending(path: "ca.pem").path)) }
    if let login = security.login {
      properties += [("sasl.mechanisms", "PLAIN"), ("sasl.username", login.user), ("sasl.password", login.password)]
    }
    return properties
  }

  private func format(_ home: String) throws {
    var words = [
      "format", "--cluster-id", "cmlmZmxlLXRlc3QtMDAwMQ", "--config",
      directory.appending(path: "server.properties").path,
    ]
    if let login = security.login {
      words += ["--add-scram", "SCRAM-SHA-256=[name=\(login.user),password=\(login.password)]"]
    }
    try Command.run("\(home)/bin/kafka-storage.sh", words, in: directory)
  }

  private func end(of log: URL) throws -> String {
    try String(contentsOf: log, encoding: .utf8).split(separator: "\n").suffix(20).joined(separator: "\n")
  }
}
