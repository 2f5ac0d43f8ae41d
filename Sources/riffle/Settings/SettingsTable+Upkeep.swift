import Columns

extension SettingsTable {
  /// How stored tables are kept small.
  static let upkeep: [SettingSpecification] = [
    .boolean(
      "compaction.enabled", \.compactionIsOn, default: "true",
      "Whether a live run merges segments; 'riffle compact' does so whatever this says"),
    .duration(
      "compaction.interval", \.compactionIntervalMilliseconds, default: "60 s", 100...EventTime.day,
      "How long a live run lets pass between the beginnings of two merges at least"),
    .integer(
      "compaction.rest", \.compactionRest, default: "4", 0...20,
      "In a live run a merge rests so many times as long as it works, step by step: 4 leaves it a fifth of one "
        + "processor; one that goes on for sixty checkpoints rests no more"),
    .integer(
      "compaction.fan_in", \.compactionFanIn, default: "4", 2...64,
      "So many segments of a day and of about one size are merged; sizes grow by the same factor"),
    .size(
      "compaction.smallest_bytes", \.compactionSmallestBytes, default: "1 MiB", 1024...(1 << 30),
      "Segments up to this size are of one size"),
    .integer(
      "compaction.row_group_rows", \.compactionRowGroupRows, default: "32768", 1024...4_194_304,
      "Rows of a merged segment that are stored, and skipped by queries, together"),
    .choice(
      "compaction.events_order", \.compactionEventsOrder, default: "session",
      "In what order a day's events are merged: by session, by user or by time; 'riffle compact' puts those in order "
        + "that were merged in another one"),
    .size(
      "compaction.memory", \.compactionMemoryBytes, default: "256 MiB", (1 << 20)...(64 << 30),
      "What a merge takes of memory, about: half of it for the rows that are sorted at a time"),
    .integer(
      "compaction.tail_row_groups", \.compactionTailGroups, default: "720", 2...100_000,
      "A table's newest file is cut into segments when it has so many row groups; a checkpoint makes one a day"),
    .duration(
      "retention.events", \.retentionEventsMilliseconds, default: "0 s", 0...36_500 * EventTime.day,
      "How long events are kept, by whole days of event time behind the watermark; 0 for good"),
    .duration(
      "retention.sessions", \.retentionSessionsMilliseconds, default: "0 s", 0...36_500 * EventTime.day,
      "How long sessions are kept, by the days on which they began; 0 for good"),
    .duration(
      "retention.orders", \.retentionOrdersMilliseconds, default: "0 s", 0...36_500 * EventTime.day,
      "How long purchases and refunds of orders are kept, by the days on which they were made; 0 for good"),
    .duration(
      "retention.kpis", \.retentionKpisMilliseconds, default: "0 s", 0...36_500 * EventTime.day,
      "How long windows of all rollups are kept, by the days on which they began; 0 for good"),
    .duration(
      "time_travel.retention", \.timeTravelRetentionMilliseconds, default: "10 minutes", 0...3650 * EventTime.day,
      "How long commits, with their files, are kept for queries that ask for the past; 0 for the newest few alone"),
    .duration(
      "time_travel.step", \.timeTravelStepMilliseconds, default: "60 s", EventTime.second...3650 * EventTime.day,
      "Of the commits of so long one is kept, the last"),
  ]
}
