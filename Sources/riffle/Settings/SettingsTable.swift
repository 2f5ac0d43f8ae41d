import Columns

/// Every setting, declared once: reading, checks, `config check` and `Config/riffle.yaml` are read off this table.
enum SettingsTable {
  static let environmentPrefix = "RIFFLE_"

  /// Flags that are settings, and win over `--set`.
  static let flags = [
    (name: "brokers", key: "kafka.brokers"), (name: "topic", key: "kafka.topic"),
    (name: "listen", key: "http.listen"),
  ]

  static let all: [SettingSpecification] =
    kafka + time + sessions + events + kpis + engine + upkeep + http + page + outbox + log

  /// The setting that `key` names, by its own name or an alias.
  static func named(_ key: String) -> SettingSpecification? { byKey[key] }

  /// All keys, without aliases, in the order of the table.
  static var keys: [String] { all.map(\.key) }

  private static let byKey: [String: SettingSpecification] = {
    var byKey: [String: SettingSpecification] = [:]
    for setting in all {
      for key in [setting.key] + setting.aliases { byKey[key] = setting }
    }
    return byKey
  }()

  private static let time: [SettingSpecification] = [
    .duration(
      "watermark.max_out_of_orderness", \.maxOutOfOrdernessMilliseconds, default: "5 s", 0...EventTime.day,
      "How far events of one partition may lag behind its newest and still be on time"),
    .duration(
      "watermark.max_drift", \.maxDriftMilliseconds, default: "60 s", EventTime.second...EventTime.day,
      "How far a partition is read ahead of the slowest one while there is a backlog"),
    .duration(
      "watermark.idle_timeout", \.idleTimeoutMilliseconds, default: "10 s", 100...EventTime.day,
      "How long a partition stands at the end of its log before the others no longer wait for it"),
    .duration(
      "watermark.live_threshold", \.liveThresholdMilliseconds, default: "1 h", EventTime.second...30 * EventTime.day,
      "Events that are this much older than their arrival are being replayed: the clock closes no window then"),
    .duration(
      "watermark.max_future_skew", \.maxFutureSkewMilliseconds, default: "5 min", 0...EventTime.day,
      "Events that are this much ahead of their arrival are counted but do not make others late"),
    .duration(
      "windows.allowed_lateness", \.allowedLatenessMilliseconds, default: "10 min", 0...7 * EventTime.day,
      aliases: ["streaming.watermark_delay"],
      "How long a closed window stays in memory; later events are added to the stored one"),
    .duration(
      "dedup.horizon", \.dedupHorizonMilliseconds, default: "1 h", EventTime.minute...7 * EventTime.day,
      "How far back event ids stay in memory; older duplicates are found in the store"),
  ]

  private static let sessions: [SettingSpecification] = [
    .choice(
      "sessions.mode", \.sessionMode, default: "given",
      "Whether sessions follow session_id (given) or the user's activity (derived)"),
    .duration(
      "sessions.gap", \.sessionGapMilliseconds, default: "30 min", EventTime.second...EventTime.day,
      aliases: ["streaming.session_timeout"], "How long a pause ends a session"),
    .boolean(
      "sessions.gap_inclusive", \.sessionGapIsInclusive, default: "false",
      "Whether a pause of exactly the gap still belongs to the session"),
    .duration(
      "sessions.max_length", \.sessionMaxLengthMilliseconds, default: "24 h", EventTime.minute...31 * EventTime.day,
      "A session this long is cut"),
    .integer(
      "sessions.max_events", \.sessionMaxEvents, default: "10000", 1...1_000_000,
      "A session of this many events is cut"),
    .boolean(
      "sessions.cut_at_midnight", \.sessionsCutAtMidnight, default: "false",
      "Whether a new day starts a new session"),
    .boolean(
      "sessions.cut_on_campaign", \.sessionsCutOnCampaign, default: "false",
      "Whether another campaign starts a new session"),
    .text(
      "sessions.time_zone", \.sessionTimeZone, .timeZone, default: "UTC", "Whose midnight cuts sessions"),
  ]

  private static let events: [SettingSpecification] = [
    .names(
      "event_types.names", \.eventTypeNames,
      default: """
        [page_view, click, search, add_to_cart, remove_from_cart, begin_checkout, purchase, refund, \
        order.*, payment.*, review.*]
        """,
      "Known event types; any other is a dead letter"),
    SettingSpecification(
      key: "event_types.aliases", kind: .nameMap, defaultText: "{}",
      summary: "Foreign names of event types, each with ours"
    ) { settings, value in
      if case .map(let pairs) = value { settings.eventTypeAliases = pairs }
    },
    .size(
      "max_message_bytes", \.maxMessageBytes, default: "1 MiB", 1024...(64 << 20),
      "A longer message is a dead letter"),
  ]

  private static let kpis: [SettingSpecification] = [
    SettingSpecification(
      key: "rollups", kind: .rollups, defaultText: "[{name: kpi_1m, window: tumbling 1 minute}]",
      summary: "The KPI tables: \(RollupSetting.Window.forms); group_by splits each window by columns"
    ) { settings, value in
      if case .rollups(let rollups) = value { settings.rollups = rollups }
    },
    .text(
      "kpi.currency", \.kpiCurrency, .currency, default: "\"\"",
      "The currency of revenue; without one, revenue of several currencies is listed by currency"),
    .integer(
      "distinct.exact_limit", \.distinctExactLimit, default: "65536", 0...16_777_216,
      "Up to this many distinct values are counted exactly, more are estimated"),
    .names(
      "funnel.steps", \.funnelSteps, default: "[page_view, add_to_cart, purchase]",
      "The event types of the funnel, in order"),
    .duration(
      "funnel.window", \.funnelWindowMilliseconds, default: "24 h", EventTime.second...90 * EventTime.day,
      "How long after the first step the last one counts"),
  ]

  private static let engine: [SettingSpecification] = [
    .integer(
      "key_groups", \.keyGroups, default: "4", 1...64, aliases: ["processing.parallelism"],
      "Into how many parts keyed state is split; results do not depend on it"),
    .integer(
      "batch.max_records", \.batchMaxRecords, default: "8192", 1...65536,
      aliases: ["processing.max_events_per_trigger"], "Rows of one batch; results do not depend on it"),
    .duration(
      "checkpoint.interval", \.checkpointIntervalMilliseconds, default: "5 s",
      100...EventTime.hour, aliases: ["streaming.checkpoint_interval"],
      "How often state and results are committed together"),
    .duration(
      "repair.interval", \.repairIntervalMilliseconds, default: "60 s", EventTime.second...EventTime.day,
      "How often a live run judges events that came too late to be judged from memory"),
    .duration(
      "hot.retention", \.hotRetentionMilliseconds, default: "24 h", EventTime.minute...30 * EventTime.day,
      "How long windows stay in memory for HTTP after they have ended"),
    .size(
      "segment.target_bytes", \.segmentTargetBytes, default: "64 MiB", (1 << 20)...(4 << 30),
      "A table's file is cut near this size"),
    .integer(
      "store.row_group_rows", \.rowGroupRows, default: "65536", 1024...1_048_576,
      "Rows that are stored, and skipped by queries, together"),
  ]
}
