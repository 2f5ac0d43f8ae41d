import Columns
import Commerce
import Testing
import Windows

@testable import riffle

@Suite struct JobSettingsTests {
  /// Whoever uses the engine as a library gets the same job as whoever runs the command.
  @Test func theDefaultsOfTheTableAreThoseOfTheJob() throws {
    let job = try JobSettings(SettingsLoader.load())
    #expect(String(describing: job) == String(describing: JobSettings()))
  }

  @Test func everyValueArrives() throws {
    let settings = try SettingsLoader.load(overrides: [
      "sessions.mode=derived", "sessions.gap=20 min", "sessions.max_length=2 h", "sessions.max_events=7",
      "sessions.gap_inclusive=true", "sessions.cut_at_midnight=true", "sessions.cut_on_campaign=true",
      "sessions.time_zone=Europe/Berlin", "kpi.currency=EUR", "event_types.aliases={view: page_view}",
      "rollups=[{name: kpi_h, window: hopping 1 h every 10 min, group_by: [geo_country]}, "
        + "{name: kpi_w, window: calendar week Europe/Berlin}]",
      "watermark.max_out_of_orderness=1 s", "watermark.max_drift=2 s", "windows.allowed_lateness=3 s",
      "dedup.horizon=4 min", "key_groups=5", "batch.max_records=6", "checkpoint.interval=800 ms",
      "funnel.window=9 h", "distinct.exact_limit=10", "max_message_bytes=2048", "segment.target_bytes=3 MiB",
      "store.row_group_rows=4096",
    ])
    let job = try JobSettings(settings)
    let berlin = try CalendarZone("Europe/Berlin")
    #expect(job.sessionMode == .derived)
    #expect(
      job.sessionRules
        == SessionRules(
          gapMilliseconds: 20 * EventTime.minute, lengthMilliseconds: 2 * EventTime.hour, maximumEvents: 7,
          isGapInclusive: true, cutsAtMidnight: true, cutsOnCampaign: true, zone: berlin))
    #expect(job.currency == "EUR")
    #expect(job.typeAliases == ["view": "page_view"])
    let hopping = WindowShape.hopping(size: EventTime.hour, slide: 10 * EventTime.minute)
    #expect(
      job.rollups == [
        JobSettings.Rollup(name: "kpi_h", shape: hopping, groupBy: ["geo_country"]),
        JobSettings.Rollup(name: "kpi_w", shape: .calendar(.week, zone: berlin)),
      ])
    #expect(job.outOfOrdernessMilliseconds == 1000)
    #expect(job.maximumDriftMilliseconds == 2000)
    #expect(job.allowedLatenessMilliseconds == 3000)
    #expect(job.deduplicationHorizonMilliseconds == 240_000)
    #expect(job.keyGroupCount == 5)
    #expect(job.maximumBatchRecords == 6)
    #expect(job.checkpointIntervalMilliseconds == 800)
    #expect(job.funnelWindowMilliseconds == 9 * EventTime.hour)
    #expect(job.distinctExactLimit == 10)
    #expect(job.maximumMessageBytes == 2048)
    #expect(job.segmentBytes == 3 << 20)
    #expect(job.rowGroupRows == 4096)
  }

  @Test(arguments: [
    ("rollups=[{name: kpi_x, window: tumbling 1 min, group_by: [colour]}]", "'colour', which is no dimension"),
    ("event_types.aliases={paid: order.created}", "which is not a configured type"),
  ])
  func whatMakesNoJobIsAUsageError(_ override: String, _ sentence: String) throws {
    let settings = try SettingsLoader.load(overrides: [override])
    let error = #expect(throws: CommandError.self) { try Job(settings) }
    #expect(error?.code == .usage)
    #expect(error?.message.contains(sentence) == true)
  }
}
