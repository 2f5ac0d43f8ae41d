internal import Foundation

/// The settings of a test's broker: one KRaft node that is broker and controller, everything replicated once.
enum BrokerProperties {
  static func text(
    directory: URL, port: Int, controllerPort: Int, security: TestBroker.Security, settings: [String: String]
  ) -> String {
    var lines = [
      "process.roles=broker,controller", "node.id=1", "controller.quorum.voters=1@127.0.0.1:\(controllerPort)",
      "controller.listener.names=CONTROLLER",
      "listeners=CLIENT://127.0.0.1:\(port),CONTROLLER://127.0.0.1:\(controllerPort)",
      "advertised.listeners=CLIENT://127.0.0.1:\(port)",
      "listener.security.protocol.map=CLIENT:\(security.protocolName),CONTROLLER:PLAINTEXT",
      "inter.broker.listener.name=CLIENT", "log.dirs=\(directory.appending(path: "data").path)",
      "auto.create.topics.enable=false", "offsets.topic.num.partitions=1", "offsets.topic.replication.factor=1",
      "transaction.state.log.num.partitions=1", "transaction.state.log.replication.factor=1",
      "transaction.state.log.min.isr=1", "group.initial.rebalance.delay.ms=0",
      // After a kill the controller has to forget the broker that was; a session is that long.
      "broker.session.timeout.ms=1000", "broker.heartbeat.interval.ms=200", "num.network.threads=1",
      "num.io.threads=2", "log.cleaner.dedupe.buffer.size=4194304",
    ]
    if let login = security.login { lines += self.login(login.user, login.password) }
    if security.usesTLS {
      lines += [
        "ssl.keystore.type=PEM", "ssl.keystore.location=\(directory.appending(path: "server.pem").path)",
        "ssl.truststore.type=PEM", "ssl.truststore.location=\(directory.appending(path: "ca.pem").path)",
      ]
    }
    // The last of two equal settings wins.
    lines += settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func login(_ user: String, _ password: String) -> [String] {
    let module = "org.apache.kafka.common.security"
    let words = "required username=\"\(user)\" password=\"\(password)\""
    return [
      "sasl.enabled.mechanisms=SCRAM-SHA-256,PLAIN", "sasl.mechanism.inter.broker.protocol=PLAIN",
      "listener.name.client.scram-sha-256.sasl.jaas.config=\(module).scram.ScramLoginModule \(words);",
      "listener.name.client.plain.sasl.jaas.config=\(module).plain.PlainLoginModule \(words) "
        + "user_\(user)=\"\(password)\";",
    ]
  }
}
