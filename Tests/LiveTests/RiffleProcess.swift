import CommerceTestSupport
import Foundation
import Kafka
import TestSupport

/// `riffle` as a process, which a test may kill.
enum RiffleProcess {
  /// The executable lies beside the tests.
  static let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    .appending(path: "riffle")
  static let isBuilt = FileManager.default.isExecutableFile(atPath: executable.path)

  /// Starts `riffle run` on the directory and topic of `trial`, with the file `riffle.yaml` in its place.
  ///
  /// - Parameter errors: gets its standard error.
  static func run(
    _ trial: LiveTrial, _ words: [String] = [], errors: FileHandle = .nullDevice
  ) throws -> Process {
    let process = Process()
    process.executableURL = executable
    process.arguments =
      [
        "run", "--data", trial.run.directory, "--brokers", trial.configuration.brokers, "--topic", trial.topic,
        "--config", trial.place.file("riffle.yaml"), "--listen", "127.0.0.1:0",
      ] + words
    // Variables of the tests are none of its settings.
    process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("RIFFLE_") }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    try process.run()
    return process
  }

  /// The definitions of `LiveTrial.settings`, for `riffle.yaml`.
  static let configuration = """
    checkpoint.interval: 100 ms
    rollups:
      - {name: kpi_1m, window: tumbling 1 min}
      - {name: kpi_hop, window: hopping 15 min every 5 min, group_by: [geo_country]}

    """
}
