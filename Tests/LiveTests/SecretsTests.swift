import CommerceTestSupport
import Foundation
import Kafka
import KafkaTestSupport
import Serving
import TestSupport
import Testing

/// `riffle` as a process that is told secrets: nothing that it prints or answers has one of them.
@Suite(.serialized, .enabled(if: RiffleProcess.isBuilt && Curl.isInstalled, "needs the executable and curl"))
struct SecretsTests {
  private let place = TemporaryDirectory()
  private let keys = ["shop", "ops"].map { ($0, NewAPIKey()) }

  private var settings: String { place.file("riffle.yaml") }
  private var secrets: [String] { ["s3cr3t-one", "riffle_guess"] + keys.flatMap { [$0.1.text, $0.1.digestText] } }

  init() throws {
    let lines = keys.map {
      "    - {name: \($0.0), sha256: \($0.1.digestText), scopes: [\($0.0 == "ops" ? "admin, read" : "ingest")]}\n"
    }
    let text = """
      kafka.properties: {sasl.password: s3cr3t-one}
      http:
        keys:

      """
    try (text + lines.joined()).write(toFile: settings, atomically: true, encoding: .utf8)
  }

  private func start(_ words: [String], _ outputPath: String) throws -> Process {
    _ = FileManager.default.createFile(atPath: outputPath, contents: nil)
    let output = try #require(FileHandle(forWritingAtPath: outputPath))
    let process = Process()
    process.executableURL = RiffleProcess.executable
    process.arguments = words
    process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("RIFFLE_") }
    (process.standardOutput, process.standardError) = (output, output)
    try process.run()
    return process
  }

  private func expectNoSecret(_ text: String, _ comment: Comment) {
    #expect(!text.isEmpty, comment)
    for secret in secrets { #expect(!text.contains(secret), comment) }
  }

  @Test(arguments: [[], ["--json"]]) func configCheckHidesThem(_ words: [String]) throws {
    let path = place.file("check")
    let process = try start(["config", "check", "--config", settings] + words, path)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains("shop") && text.contains("***"))
    expectNoSecret(text, "config check")
  }

  @Test func mistakesHideThem() throws {
    for mistake in [
      "http.keys=[{name: a, sha256: \(keys[0].1.text), scopes: [read]}]", "http.keys=\(keys[0].1.text)",
      "kafka.properties=s3cr3t-one", "kafka.properties={sasl.password: s3cr3t-one, group.id: x}",
    ] {
      let path = place.file("mistake")
      let process = try start(["run", "--data", place.file("none"), "--set", mistake], path)
      process.waitUntilExit()
      #expect(process.terminationStatus == 64)
      expectNoSecret(try String(contentsOfFile: path, encoding: .utf8), "a mistake")
    }
  }

  @Test func aRunningEngineHidesThem() throws {
    let broker = try EmbeddedBroker()
    try broker.createTopic("shop", partitionCount: 1)
    let path = place.file("run")
    let process = try start(
      [
        "run", "--data", place.file("data"), "--brokers", broker.brokers, "--topic", "shop", "--config", settings,
        "--listen", "127.0.0.1:0",
      ], path)
    defer { process.terminate() }
    var address = ""
    let isUp = try Deadline.wait {
      let line = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").first {
        $0.contains("http://")
      }
      address = line?.split(separator: " ").last.map(String.init) ?? ""
      return address.hasSuffix("/")
    }
    #expect(isUp)
    for target in ["health", "sources", "kpis/latest?key=riffle_guess", "nothing", "metrics", "track"] {
      for key in keys.map(\.1.text) + ["riffle_guess"] {
        let answer = try Curl.ask(["-H", "X-API-Key: \(key)", address + target])
        expectNoSecret(answer.text, "\(target)")
      }
    }
    let sent = try Curl.ask([
      "-H", "X-Analytics-Key: \(keys[0].1.text)", "-d", #"{"event_type":"click"}"#, address + "track",
    ])
    #expect(sent.status == 202, "\(sent.text)")
    process.terminate()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    expectNoSecret(try String(contentsOfFile: path, encoding: .utf8), "the log")
  }
}
