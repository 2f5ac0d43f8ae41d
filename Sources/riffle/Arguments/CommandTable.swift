import Columns
import Query

/// Every command and flag, declared once: parsing, help and suggestions are read off this table.
enum CommandTable {
  static let all: [CommandSpecification] = [backfill, run, export, funnel, inspect, verify, configCheck, produce]

  static func named(_ name: String) -> CommandSpecification? { all.first { $0.name == name } }

  // MARK: Flags that mean the same everywhere

  private static let config = FlagSpecification(
    name: "config", kind: .text("FILE"), summary: "Settings in YAML; Config/riffle.yaml documents every key")
  private static let set = FlagSpecification(
    name: "set", kind: .text("KEY=VALUE"), isRepeatable: true,
    summary: "One setting, over the file and the environment; may be repeated")
  private static let data = FlagSpecification(
    name: "data", kind: .text("DIR"), defaultText: "data", summary: "The data directory")
  private static let output = FlagSpecification(
    name: "output", kind: .text("FILE"), defaultText: "standard output", summary: "Where the result goes")
  private static let json = FlagSpecification(name: "json", kind: .toggle, summary: "Answer in JSON")
  private static func table(_ summary: String, isRequired: Bool) -> FlagSpecification {
    FlagSpecification(name: "table", kind: .text("NAME"), isRequired: isRequired, summary: summary)
  }

  // MARK: Commands

  private static let backfill = CommandSpecification(
    identity: .backfill,
    name: "backfill",
    purpose: "Compute sessions and KPIs from files of events and store everything",
    details: """
      Each file is a partition, each line an event in JSON. The results depend on the files and the settings alone,
      not on batches or threads. A file that is already in the data directory is skipped, and said so. Ends by
      printing a summary as one line of JSON.
      """,
    operands: .init(usage: "FILE...", summary: "Files of newline-delimited JSON", count: 1...Int.max),
    flags: [data, config, set],
    example: "riffle backfill part-*.ndjson --data data --set sessions.gap='20 minutes'",
    exitCodes: [.success, .usage, .badData, .cannotOpenInput, .ourBug, .cannotCreate, .inputOutput])

  private static let run = CommandSpecification(
    identity: .run,
    name: "run",
    purpose: "Compute sessions and KPIs from a Kafka topic, live, and store everything",
    details: """
      Reads every partition of the topic from where the data directory's newest commit left it, and commits every few
      seconds. A topic that is missing is waited for; a partition that is added is read from its beginning. SIGTERM and
      Ctrl-C commit what was read and end the run. With --once the run ends where the topic ended when it began, and
      prints a summary as one line of JSON.
      """,
    operands: .none,
    flags: [
      data,
      FlagSpecification(name: "brokers", kind: .text("LIST"), summary: "Brokers to begin with (kafka.brokers)"),
      FlagSpecification(name: "topic", kind: .text("NAME"), summary: "The topic of the events (kafka.topic)"),
      FlagSpecification(name: "once", kind: .toggle, summary: "End where the topic ends now, and seal everything"),
      config, set,
    ],
    example: "riffle run --brokers localhost:9092 --topic events --data data",
    exitCodes: [.success, .usage, .badData, .cannotOpenInput, .unavailable, .ourBug, .cannotCreate, .inputOutput])

  private static let export = CommandSpecification(
    identity: .export,
    name: "export",
    purpose: "Print a table of the data directory",
    details: """
      One row per window and group, or per session: what is sealed, late additions and what is still open, merged.
      Rows are sorted, so that two exports of the same events are equal byte for byte.
      """,
    operands: .none,
    flags: [
      data, table("events, sessions, dead_letters, or a rollup such as kpi_1m", isRequired: true),
      FlagSpecification(
        name: "format", kind: .choice(["ndjson", "csv"]), defaultText: "ndjson", summary: "Row format"),
      output,
      FlagSpecification(name: "raw", kind: .toggle, summary: "Print the stored partials instead of merged rows"),
      FlagSpecification(
        name: "with-completeness", kind: .toggle,
        summary: "Add the columns that depend on the order of arrival, such as corrections"),
      config, set,
    ],
    example: "riffle export --table kpi_1m --format csv --output kpi.csv",
    exitCodes: [.success, .usage, .badData, .cannotOpenInput, .ourBug, .cannotCreate, .inputOutput])

  private static let funnel = CommandSpecification(
    identity: .funnel,
    name: "funnel",
    purpose: "Print how far users got along the steps of a funnel",
    details: """
      Counts from the stored events, in the order of their times and whatever the order of their arrival. At each step
      a user has converted (took the next one), dropped out (its time is over) or is pending (it may still come). Times
      to convert are those of whole chains. Memory is bounded: more than two million rows take several passes.
      """,
    operands: .none,
    flags: [
      data,
      FlagSpecification(
        name: "steps", kind: .text("TYPE,TYPE..."), defaultText: "funnel.steps", summary: "The event types, in order"),
      FlagSpecification(
        name: "window", kind: .duration(EventTime.second...90 * EventTime.day),
        summary: "How long after the first step the last one counts (default: funnel.window)"),
      FlagSpecification(
        name: "from", kind: .time, summary: "The earliest first step (default: 24 h before --to)"),
      FlagSpecification(
        name: "to", kind: .time, summary: "First steps come before this (default: just behind the newest event)"),
      FlagSpecification(
        name: "unit", kind: .choice(FunnelRequest.Unit.allCases.map(\.rawValue)), defaultText: "user",
        summary: "Who goes through it; a session is all events of its session key"),
      FlagSpecification(
        name: "by", kind: .text("COLUMN"), summary: "A funnel for each value of this column at the first step"),
      FlagSpecification(
        name: "format", kind: .choice(FunnelReport.Format.allCases.map(\.rawValue)), defaultText: "text",
        summary: "For programs or, as text, for people"),
      output, config, set,
    ],
    example: "riffle funnel --steps page_view,begin_checkout,purchase --by utm_source --format csv",
    exitCodes: [.success, .usage, .badData, .cannotOpenInput, .ourBug, .cannotCreate, .inputOutput])

  private static let inspect = CommandSpecification(
    identity: .inspect,
    name: "inspect",
    purpose: "Show what a data directory holds",
    details: "Commits, tables, segments, row groups, the encoding and size of each column. Reads without locking.",
    operands: .none,
    flags: [data, table("Show this table only", isRequired: false), json],
    example: "riffle inspect --data data --table events",
    exitCodes: [.success, .usage, .badData, .cannotOpenInput, .ourBug, .inputOutput])

  private static let verify = CommandSpecification(
    identity: .verify,
    name: "verify",
    purpose: "Check a data directory: checksums, conservation, stored KPIs against raw events",
    details: """
      Every event read must be exactly one of accepted, duplicate or dead letter, and every stored KPI must equal the
      one computed from the stored events. Exits with 65 at the first inequality, after naming it.
      """,
    operands: .none,
    flags: [data, json, config, set],
    example: "riffle verify --data data",
    exitCodes: [.success, .usage, .badData, .cannotOpenInput, .ourBug, .inputOutput])

  private static let configCheck = CommandSpecification(
    identity: .configCheck,
    name: "config check",
    purpose: "Check the configuration and print each value with its unit and origin",
    details: """
      A key comes from its default, then from the file, then from the environment (sessions.gap is
      RIFFLE_SESSIONS_GAP), then from --set: the last one wins.
      """,
    operands: .none,
    flags: [
      config, set, json,
      FlagSpecification(name: "defaults", kind: .toggle, summary: "Print the documented file of defaults instead"),
    ],
    example: "riffle config check --config Config/riffle.yaml",
    exitCodes: [.success, .usage, .cannotOpenInput, .ourBug, .inputOutput])

  private static let produce = CommandSpecification(
    identity: .produce,
    name: "produce",
    purpose: "Write the events of synthetic shoppers to files",
    details: """
      Journeys through a shop with disorder, duplicates and malformed lines, a function of the seed alone: the same
      flags write the same bytes. Several files are the partitions of one topic.
      """,
    operands: .init(usage: "[FILE...]", summary: "More files, as if each followed its own --to", count: 0...Int.max),
    flags: [
      FlagSpecification(
        name: "to", kind: .text("FILE"), isRepeatable: true, isRequired: true,
        summary: "A file to write, one a partition; may be repeated"),
      FlagSpecification(
        name: "events", kind: .integer(1...1_000_000_000_000), defaultText: "100000",
        summary: "How many lines in all, duplicates and malformed ones included"),
      FlagSpecification(name: "seed", kind: .integer(0...Int64.max), defaultText: "1", summary: "Chooses the traffic"),
      FlagSpecification(
        name: "start", kind: .time, defaultText: "2023-11-16T12:00:00Z", summary: "Event time of the first session"),
      FlagSpecification(
        name: "span", kind: .duration(10...36_500 * EventTime.day), defaultText: "2 h",
        summary: "About how much event time the lines cover"),
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
    ],
    example: "riffle produce --to part-0.ndjson part-1.ndjson --events 1000000 --seed 7",
    exitCodes: [.success, .usage, .ourBug, .cannotCreate, .inputOutput])
}
