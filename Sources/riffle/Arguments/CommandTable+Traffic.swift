import Columns
import Shoppers

extension CommandTable {
  /// Commands that make events, or send those of files.
  static let traffic: [CommandSpecification] = [produce, replay]

  private static let produce = CommandSpecification(
    identity: .produce,
    name: "produce",
    purpose: "Write the events of synthetic shoppers to files or to a Kafka topic",
    details: """
      Journeys through a shop with disorder, duplicates and malformed lines, a function of the seed. Several files are
      the partitions of one topic, and the same flags write the same bytes. Into a topic events come live, with the
      time of the clock, until --duration or --events is over or Ctrl-C; with --start they are a function of the
      flags again. A missing topic is created. Ends by printing a summary as one line of JSON.
      """,
    operands: .init(usage: "[FILE...]", summary: "More files, as if each followed its own --to", count: 0...Int.max),
    flags: destination + amount + shoppers + [config, set],
    example: "riffle produce --brokers localhost:9092 --topic events --rate 2000 --duration 300s",
    exitCodes: [.success, .usage, .unavailable, .ourBug, .cannotCreate, .inputOutput])

  private static let destination: [FlagSpecification] = [
    FlagSpecification(
      name: "to", kind: .text("FILE"), isRepeatable: true, summary: "A file to write, a partition; may be repeated"),
    brokers, topic, partitions,
  ]

  private static let rate = FlagSpecification(
    name: "rate", kind: .rate, summary: "Messages per second; 0 or max: as fast as the brokers take them")

  private static let amount: [FlagSpecification] = [
    FlagSpecification(
      name: rate.name, kind: rate.kind, defaultText: "1000",
      summary: "Into a topic: " + rate.summary.prefix(1).lowercased() + rate.summary.dropFirst()),
    FlagSpecification(
      name: "duration", kind: .duration(1...36_500 * EventTime.day), summary: "Into a topic: how long (default: no end)"
    ),
    FlagSpecification(
      name: "events", kind: .integer(1...1_000_000_000_000),
      summary: "How many lines in all, with duplicates and malformed ones (default: 100000 into files)"),
    FlagSpecification(name: "seed", kind: .integer(0...Int64.max), defaultText: "1", summary: "Chooses the traffic"),
    FlagSpecification(
      name: "scenario", kind: .choice(Scenario.allCases.map(\.rawValue)), defaultText: "normal",
      summary: "What happens beside ordinary days, again and again"),
    FlagSpecification(
      name: "start", kind: .time,
      summary: "Event time of the first session (default: 2023-11-16T12:00:00Z into files, now into a topic)"),
    FlagSpecification(
      name: "span", kind: .duration(10...36_500 * EventTime.day), defaultText: "2 h",
      summary: "About how much event time the lines cover, where no rate says it"),
  ]

  private static let shoppers: [FlagSpecification] = [
    FlagSpecification(
      name: "partitions-key", kind: .choice(["session", "user"]), defaultText: "session",
      summary: "What events are keyed and partitioned by"),
    FlagSpecification(
      name: "order", kind: .choice(["time", "session-end"]), defaultText: "time",
      summary: "Whether lines arrive as they happen or a whole session at its end"),
    FlagSpecification(
      name: "users", kind: .integer(0...100_000_000), defaultText: "0",
      summary: "Users to choose from; 0 for a thirtieth of the events"),
    FlagSpecification(
      name: "products", kind: .integer(1...10_000_000), defaultText: "20000", summary: "Products to choose from"),
    FlagSpecification(
      name: "anonymous", kind: .ratio, defaultText: "0.15", summary: "Share of sessions without a user"),
    FlagSpecification(
      name: "duplicates", kind: .ratio, defaultText: "0.005", summary: "Share of lines sent again within 2 s"),
    FlagSpecification(
      name: "far-duplicates", kind: .ratio, defaultText: "0.0005", summary: "Share of lines sent again hours later"),
    FlagSpecification(
      name: "malformed", kind: .ratio, defaultText: "0.001", summary: "Share of lines that are no valid event"),
    FlagSpecification(
      name: "disordered", kind: .ratio, defaultText: "0.15", summary: "Share of lines that arrive out of order"),
    FlagSpecification(
      name: "disorder", kind: .duration(10...36_500 * EventTime.day), defaultText: "5 s",
      summary: "How far such a line may come behind"),
    FlagSpecification(name: "late", kind: .ratio, defaultText: "0.001", summary: "Share of lines that arrive late"),
    FlagSpecification(
      name: "lateness", kind: .duration(10...36_500 * EventTime.day), defaultText: "30 min",
      summary: "How far such a line may come behind"),
    FlagSpecification(
      name: "time-forms", kind: .ratio, defaultText: "0",
      summary: "Share of lines whose time is in another form than RFC 3339 in UTC"),
    FlagSpecification(
      name: "bots", kind: .ratio, defaultText: "0.0005", summary: "Share of sessions that are a crawler's"),
    FlagSpecification(
      name: "refunds", kind: .ratio, defaultText: "0.03", summary: "Share of orders that are refunded"),
    FlagSpecification(
      name: "currency", kind: .text("CODE"), defaultText: "that of the country", summary: "The currency of all prices"
    ),
  ]

  private static let replay = CommandSpecification(
    identity: .replay,
    name: "replay",
    purpose: "Send the events of files to a Kafka topic",
    details: """
      Lines of JSON go out as they are, byte for byte; records of CSV become events, with the columns of the header
      line as fields. Several files are merged by event time, each in its own order. Messages are keyed by session id,
      else by user id (with sessions.mode derived the other way round), else by nothing. Ends by printing a summary as
      one line of JSON.
      """,
    operands: .init(usage: "FILE...", summary: "Files of newline-delimited JSON, or of CSV", count: 1...Int.max),
    flags: [
      brokers, topic, partitions,
      FlagSpecification(name: rate.name, kind: .rate, defaultText: "max", summary: rate.summary),
      FlagSpecification(
        name: "speed", kind: .speed,
        summary: "In place of --rate: so many times faster than it happened, like 1x or 60x"),
      FlagSpecification(
        name: "partition-per-file", kind: .toggle,
        summary: "The first file into partition 0, the second into 1, ...; a missing topic gets as many partitions"),
      FlagSpecification(
        name: "format", kind: .choice(ReplayFormat.allCases.map(\.rawValue)),
        summary: "(default: csv for *.csv, else ndjson)"),
      FlagSpecification(
        name: "map", kind: .text("COLUMN=FIELD,..."), isRepeatable: true,
        summary: "Of CSV: fields of columns that have other names; COLUMN= leaves one out; may be repeated"),
      config, set,
    ],
    example: "riffle replay events.csv --topic events --map time=event_ts,visitor=user_id --speed 60x",
    exitCodes: [.success, .usage, .badData, .cannotOpenInput, .unavailable, .ourBug, .inputOutput])
}
