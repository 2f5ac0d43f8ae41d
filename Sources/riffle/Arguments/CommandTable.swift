import Columns
import Query

/// Every command and flag, declared once: parsing, help and suggestions are read off this table.
enum CommandTable {
  static let all: [CommandSpecification] =
    engine + [backfill, query, export, funnel, inspect, verify] + safekeeping + [configCheck, keysCreate, auditVerify]
    + traffic
    + topics
    + deadLetters

  static func named(_ name: String) -> CommandSpecification? { all.first { $0.name == name } }

  // MARK: Flags that mean the same everywhere

  static let config = FlagSpecification(
    name: "config", kind: .text("FILE"), summary: "Settings in YAML; Config/riffle.yaml documents every key")
  static let set = FlagSpecification(
    name: "set", kind: .text("KEY=VALUE"), isRepeatable: true,
    summary: "One setting, over the file and the environment; may be repeated")
  static let data = FlagSpecification(
    name: "data", kind: .text("DIR"), defaultText: "data", summary: "The data directory")
  static let output = FlagSpecification(
    name: "output", kind: .text("FILE"), defaultText: "standard output", summary: "Where the result goes")
  static let json = FlagSpecification(name: "json", kind: .toggle, summary: "Answer in JSON")
  static let brokers = FlagSpecification(
    name: "brokers", kind: .text("LIST"), summary: "Kafka's brokers, HOST:PORT,... (default: kafka.brokers)")
  static let topic = FlagSpecification(
    name: "topic", kind: .text("NAME"), summary: "Kafka's topic (default: kafka.topic)")
  static let partitions = FlagSpecification(
    name: "partitions", kind: .integer(1...100_000), defaultText: "4",
    summary: "Partitions of the topic, where it has to be created")
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

  private static let export = CommandSpecification(
    identity: .export,
    name: "export",
    purpose: "Print a table of the data directory",
    details: """
      One row per window and group, or per session: what is sealed, late additions and what is still open, merged.
      Rows are sorted, so that two exports of the same events are equal byte for byte. A file of parquet (Zstandard,
      dictionaries, statistics; exact decimals for money, UTC times) opens in DuckDB, pandas, Spark and the like. The
      output has its name when it is complete.
      """,
    operands: .none,
    flags: [
      data, table("events, sessions, orders, dead_letters, ops_commits, or a rollup such as kpi_1m", isRequired: true),
      FlagSpecification(
        name: "format", kind: .choice(Export.Format.allCases.map(\.rawValue)), defaultText: "ndjson",
        summary: "Row format"),
      output,
      FlagSpecification(
        name: "as-of", kind: .text("EPOCH|TIME"),
        summary: "As it was at this commit, or at this time of the clock, where kept (default: the newest)"),
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
    details: """
      A commit: partitions, tables, states. A table: its files and, over all of them, each column's rows, nulls, bytes,
      smallest and largest value (of text the first eight bytes), encodings and codecs. A segment: the same of one
      file, and its row groups. Reads headers alone, without locking.
      """,
    operands: .none,
    flags: [
      data, table("Show this table only", isRequired: false),
      FlagSpecification(
        name: "segment", kind: .text("PATH"), summary: "Show this file only, as --table lists it; a tail is one too"),
      FlagSpecification(
        name: "commit", kind: .integer(0...Int64.max), summary: "As of this epoch, where kept (default: the newest)"),
      FlagSpecification(
        name: "format", kind: .choice(["text", "json"]), defaultText: "text", summary: "For people or for programs"),
      FlagSpecification(name: "json", kind: .toggle, summary: "The same as --format json"),
    ],
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
}
