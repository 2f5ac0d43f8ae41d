import Foundation

/// The topic that `benchmarks live` reads, filled if it is to be.
struct LiveTopic {
  let brokers: String
  let name: String
  /// What was sent, where this benchmark sent it.
  let parts: UnevenParts?
  /// Holds the topic as long as this lives.
  private let server: RunningProcess?

  init(_ options: LiveOptions) throws {
    if let input = options.input {
      Output.note("Dividing \(input) into \(options.partitions) parts of unlike size")
      parts = try UnevenParts(of: input, count: options.partitions, in: "\(options.work)/parts-\(options.partitions)")
    } else {
      parts = nil
    }
    switch options.source {
    case .topic(let brokers, let name):
      (self.brokers, self.name, server) = (brokers, name, nil)
      if let parts { try LiveTopic.replay(parts, options.riffle, brokers: brokers, topic: name) }
    case .logServer(let path):
      let port = try LocalSocket.freePort()
      (brokers, name) = ("127.0.0.1:\(port)", "events")
      server = try RunningProcess([path, "\(port)", "\(options.partitions)"], errors: "/dev/null")
      try LocalSocket.wait(for: port, seconds: 10)
      if let parts { try LiveTopic.send(parts, brokers: brokers, topic: name) }
    }
  }

  /// Sends each part to its own partition, compressed with LZ4.
  private static func replay(_ parts: UnevenParts, _ riffle: String, brokers: String, topic: String) throws {
    Output.note("Sending \(parts.lineCount) messages to \(topic)")
    let command = [riffle, "replay"] + parts.paths + ["--partition-per-file", "--brokers", brokers, "--topic", topic]
    let ended = try ChildProcess.succeed(command, isQuiet: true)
    Output.note("They took \(ended.wallSeconds.text(decimals: 1)) s")
  }

  /// The same with kcat, which can send without being idempotent.
  private static func send(_ parts: UnevenParts, brokers: String, topic: String) throws {
    Output.note("Sending \(parts.lineCount) messages with kcat")
    for (partition, path) in parts.paths.enumerated() {
      _ = try ChildProcess.succeed([
        "kcat", "-P", "-b", brokers, "-t", topic, "-p", "\(partition)", "-z", "lz4", "-X", "linger.ms=20", "-X",
        "batch.size=1000000", "-l", path,
      ])
    }
  }
}
