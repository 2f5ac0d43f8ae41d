import Columns
import Shoppers

extension CommandTable {
  /// The running engine.
  static let engine: [CommandSpecification] = [demo, run]

  private static let listen = FlagSpecification(
    name: "listen", kind: .text("HOST:PORT"), summary: "Where to answer over HTTP (http.listen)")

  private static let demo = CommandSpecification(
    identity: .demo,
    name: "demo",
    purpose: "Show everything at once: a broker, shoppers, the engine and HTTP in one process",
    details: """
      Begins anew each time: the data directory is emptied if an earlier demo made it, and refused if it holds anything
      else. Shoppers wait where the engine cannot follow, since the embedded broker keeps only the newest 5 MiB of each
      partition. With --brokers a real Kafka takes its place, and the data directory is continued. At --speed 24x a
      day of events happens in an hour. Ends by printing what the shoppers sent as one line of JSON.
      """,
    operands: .none,
    flags: [
      FlagSpecification(
        name: "data", kind: .text("DIR"), defaultText: "demo-data", summary: "The data directory"),
      listen, brokers, topic,
      FlagSpecification(
        name: "rate", kind: .rate, defaultText: "2000",
        summary: "Events per second of the shop's clock; 0 or max: as many as can be made"),
      FlagSpecification(
        name: "speed", kind: .speed, defaultText: "1x",
        summary: "How fast the shop's clock runs; a fast one begins in the past and is on time after --duration, or 1 h"
      ),
      FlagSpecification(
        name: "partitions", kind: .integer(1...1024), defaultText: "32", summary: "Partitions of the topic"),
      FlagSpecification(
        name: "duration", kind: .duration(1...36_500 * EventTime.day),
        summary: "How long shoppers come (default: no end)"),
      FlagSpecification(name: "seed", kind: .integer(0...Int64.max), defaultText: "1", summary: "Chooses the traffic"),
      FlagSpecification(
        name: "scenario", kind: .choice(Scenario.allCases.map(\.rawValue)), defaultText: "normal",
        summary: "What happens beside ordinary days, again and again"),
      config, set,
    ],
    example: "riffle demo --rate 5000",
    exitCodes: [.success, .usage, .badData, .cannotOpenInput, .unavailable, .ourBug, .cannotCreate, .inputOutput])

  private static let run = CommandSpecification(
    identity: .run,
    name: "run",
    purpose: "Compute sessions and KPIs from a Kafka topic, live, store everything and answer over HTTP",
    details: """
      Reads every partition of the topic from where the data directory's newest commit left it, and commits every few
      seconds. A topic that is missing is waited for; a partition that is added is read from its beginning. SIGTERM and
      Ctrl-C commit what was read and end the run. With --once the run ends where the topic ended when it began,
      without HTTP, and prints a summary as one line of JSON.
      """,
    operands: .none,
    flags: [
      data, brokers, topic, listen,
      FlagSpecification(name: "once", kind: .toggle, summary: "End where the topic ends now, and seal everything"),
      config, set,
    ],
    example: "riffle run --brokers localhost:9092 --topic events --data data",
    exitCodes: [.success, .usage, .badData, .cannotOpenInput, .unavailable, .ourBug, .cannotCreate, .inputOutput])
}
