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
      let port = try FreePort.find()
      (brokers, name) = ("127.0.0.1:\(port)", "events")
      server = try RunningProcess([path, "\(port)", "\(options.partitions)"], errors: "/dev/null")
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

/// A port of this machine that nobody listens on.
enum FreePort {
  static func find() throws -> UInt16 {
    let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    // `sockaddr_in` is a `sockaddr` of this length, which the calls read and fill.
    let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(socket, $0, length) == 0 ? getsockname(socket, $0, &length) : -1
      }
    }
    guard result == 0 else { throw BenchmarkError("no port is free", exitCode: 69) }
    return UInt16(bigEndian: address.sin_port)
  }
}
