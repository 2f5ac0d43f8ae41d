import Kafka

/// `riffle --version`.
enum VersionCommand {
  static let version = "0.1.0"

  static func run() throws(CommandError) -> ExitCode {
    try Terminal.result(
      "riffle \(version) (librdkafka \(KafkaLibrary.version), libyaml \(YamlReader.libraryVersion), "
        + "mimalloc \(ProcessMemory.allocatorVersion))\n")
    return .success
  }
}
