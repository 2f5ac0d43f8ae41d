import Testing

@testable import riffle

@Suite struct SettingsLoaderTests {
  @Test func defaultsAreThoseOfTheTable() throws {
    let settings = try SettingsLoader.load()
    #expect(settings.maxOutOfOrdernessMilliseconds == 5000)
    #expect(settings.maxDriftMilliseconds == 60_000)
    #expect(settings.allowedLatenessMilliseconds == 600_000)
    #expect(settings.dedupHorizonMilliseconds == 3_600_000)
    #expect(settings.sessionMode == .given)
    #expect(settings.sessionGapMilliseconds == 1_800_000)
    #expect(settings.sessionMaxLengthMilliseconds == 86_400_000)
    #expect(settings.sessionMaxEvents == 10_000)
    #expect(settings.sessionTimeZone == "UTC")
    #expect(settings.eventTypeNames.count == 11)
    #expect(settings.maxMessageBytes == 1_048_576)
    #expect(settings.funnelSteps == ["page_view", "add_to_cart", "purchase"])
    #expect(settings.kpiCurrency == "")
    #expect(settings.distinctExactLimit == 65536)
    #expect(settings.rollups == [RollupSetting(name: "kpi_1m", window: .tumbling(sizeMilliseconds: 60_000))])
    #expect(settings.keyGroups == 4)
    #expect(settings.batchMaxRecords == 8192)
    #expect(settings.segmentTargetBytes == 67_108_864)
    #expect(settings.rowGroupRows == 65536)
    #expect(settings.effective.count == SettingsTable.all.count)
  }

  @Test func theLastLayerWins() throws {
    let file = (path: "a.yaml", text: "sessions:\n  gap: 1 min\n  max_events: 5\nkey_groups: 2\n")
    let environment = ["RIFFLE_SESSIONS_GAP": "2 min", "RIFFLE_KEY_GROUPS": "3", "PATH": "/bin"]
    let settings = try SettingsLoader.load(file: file, environment: environment, overrides: ["sessions.gap=3 min"])
    #expect(settings.sessionGapMilliseconds == 180_000)
    #expect(settings.keyGroups == 3)
    #expect(settings.sessionMaxEvents == 5)
    #expect(origin(settings, "sessions.gap") == "--set")
    #expect(origin(settings, "key_groups") == "environment RIFFLE_KEY_GROUPS")
    #expect(origin(settings, "sessions.max_events") == "a.yaml:3")
    #expect(origin(settings, "sessions.mode") == "default")
  }

  @Test func structuredValuesReadFromEveryLayer() throws {
    let text = """
      event_types.aliases: {view: page_view}
      rollups:
        - name: kpi_day
          window: calendar week UTC
          group_by: [country, utm_source]
        - {name: kpi_hop, window: hopping 1 hour every 10 minutes}
      """
    let settings = try SettingsLoader.load(
      file: ("a.yaml", text), environment: ["RIFFLE_FUNNEL_STEPS": "click,purchase"])
    #expect(settings.eventTypeAliases == [SettingValue.NamePair(name: "view", value: "page_view")])
    #expect(settings.funnelSteps == ["click", "purchase"])
    let hopping = RollupSetting.Window.hopping(sizeMilliseconds: 3_600_000, everyMilliseconds: 600_000)
    #expect(
      settings.rollups == [
        RollupSetting(
          name: "kpi_day", window: .calendar(.week, timeZone: "UTC"), groupBy: ["country", "utm_source"]),
        RollupSetting(name: "kpi_hop", window: hopping),
      ])
    let again = try SettingsLoader.load(overrides: settings.effective.map { "\($0.setting.key)=\($0.value.text)" })
    #expect(again.effective.map(\.value) == settings.effective.map(\.value))
  }

  @Test func namesOfOtherPlatformsAreUnderstood() throws {
    let settings = try SettingsLoader.load(file: ("a.yaml", "streaming:\n  session_timeout: 20 minutes\n"))
    #expect(settings.sessionGapMilliseconds == 1_200_000)
    #expect(origin(settings, "sessions.gap") == "a.yaml:2")
  }

  @Test(arguments: [
    ("sessions:\n  gpa: 1 s\n", "a.yaml:2: unknown key 'sessions.gpa'; did you mean 'sessions.gap'?"),
    ("gap: 1 s\n", "a.yaml:1: unknown key 'gap'; did you mean 'sessions.gap'?"),
    ("a: 1\n", "a.yaml:1: unknown key 'a'; 'riffle config check' lists all keys"),
    ("\n\nsessions.gap: 1\n", "a.yaml:3: sessions.gap: must be a duration from 1 s to 24 h"),
    ("key_groups: 65\n", "a.yaml:1: key_groups: must be a whole number from 1 to 64; it is '65'"),
    ("key_groups: [1]\n", "a.yaml:1: key_groups: must be a whole number from 1 to 64; it is a list"),
    ("sessions: 3\n", "a.yaml:1: 'sessions' must be a map of settings; it is a single value"),
    ("- 1\n", "a.yaml:1: the file must be a map of settings; it is a list"),
    ("sessions.mode: Given\n", "a.yaml:1: sessions.mode: must be given or derived; it is 'Given'"),
    ("sessions.gap_inclusive: yes\n", "must be true or false; it is 'yes'"),
    ("sessions.time_zone: Mars/Base\n", "must be UTC or a time zone"),
    ("kpi.currency: euro\n", "must be a currency of three capital letters"),
    ("sessions.gap: 1 s\nsessions:\n  gap: 2 s\n", "a.yaml:3: 'sessions.gap' is already set on line 1"),
    ("sessions.gap: 1 s\nsessions.gap: 2 s\n", "a.yaml:2: 'sessions.gap' is already set on line 1"),
    (
      "sessions:\n  gap: 2 h\n  max_length: 1 h\n",
      "sessions.gap (2 h) must not be longer than sessions.max_length (1 h"
    ),
    ("outbox.results_topic: events\n", "outbox.results_topic (events) must not be kafka.topic (events"),
    (
      "outbox:\n  results_topic: out\n  dead_letters_topic: out\n",
      "outbox.results_topic (out) must not be outbox.dead_letters_topic (out"
    ),
    ("outbox.results_topic: a b\n", "a.yaml:1: outbox.results_topic: must be a topic's name"),
    ("funnel.steps:\n  - page_view\n  - Buy\n", "a.yaml:3: funnel.steps: must be a list of event types"),
    ("funnel.steps: [buy]\n", "a.yaml:1: funnel.steps has 'buy', which event_types.names has not"),
    ("funnel.steps: [purchase]\n", "a.yaml:1: funnel.steps: a funnel has at least two steps"),
    // A step is a type as the job counts it: a family of names counts as one.
    ("funnel.steps: [order.created, purchase]\n", "funnel.steps has 'order.created', which event_types.names has not"),
    ("event_types.aliases: {v: view}\n", "maps 'v' to 'view', which event_types.names has not"),
    ("event_types.aliases: [v]\n", "must be a map from foreign names"),
    ("rollups:\n  - name: kpi_a\n    windw: x\n", "a.yaml:3: rollups: a rollup has no 'windw'; did you mean 'window'?"),
    ("rollups:\n  - name: kpi_a\n", "a.yaml:2: rollups: rollup 'kpi_a' needs a window"),
    ("rollups:\n  - name: kpi_a\n    window: tumbling\n", "a.yaml:3: rollups: window must be 'tumbling 1 minute'"),
    ("rollups:\n  - name: events\n    window: tumbling 1 s\n", "a rollup's name is its table: kpi_"),
    ("rollups: [{name: kpi_a, window: hopping 1 s every 2 s}]\n", "window must be"),
    ("rollups: [{name: kpi_a, window: hopping every}]\n", "window must be"),
    ("rollups: [{name: kpi_a, window: calendar year}]\n", "window must be"),
    ("rollups: [{name: kpi_a, window: tumbling 1 s}, {name: kpi_a, window: tumbling 2 s}]\n", "'kpi_a' is used twice"),
    ("sessions: {gap: [\n", "a.yaml:2: "),
  ])
  func aMistakeIsNamedWithFileAndLine(_ text: String, _ sentence: String) {
    let error = #expect(throws: CommandError.self) { try SettingsLoader.load(file: ("a.yaml", text)) }
    #expect(error?.code == .usage)
    #expect(error?.message.contains(sentence) == true, "\(error?.message ?? "")")
  }

  @Test func otherLayersNameThemselves() {
    let environment = #expect(throws: CommandError.self) {
      try SettingsLoader.load(environment: ["RIFFLE_SESSION_GAP": "1 s"])
    }
    #expect(environment?.message.contains("did you mean 'RIFFLE_SESSIONS_GAP'?") == true)
    let value = #expect(throws: CommandError.self) { try SettingsLoader.load(environment: ["RIFFLE_KEY_GROUPS": "x"]) }
    #expect(value?.message.hasPrefix("environment RIFFLE_KEY_GROUPS: key_groups: must be") == true)
    let key = #expect(throws: CommandError.self) { try SettingsLoader.load(overrides: ["sessions.gp=1 s"]) }
    #expect(key?.message == "--set: unknown key 'sessions.gp'; did you mean 'sessions.gap'?")
    let form = #expect(throws: CommandError.self) { try SettingsLoader.load(overrides: ["sessions.gap"]) }
    #expect(form?.message == "--set needs key=value; it is 'sessions.gap'")
    let flow = #expect(throws: CommandError.self) { try SettingsLoader.load(overrides: ["rollups=[{"]) }
    #expect(flow?.message.hasPrefix("--set: rollups: is not readable") == true)
  }

  @Test func aMissingFileIsNamed() throws {
    let arguments = try ArgumentParser.parse(["config", "check", "--config", "/nonexistent/riffle.yaml"])
    let error = #expect(throws: CommandError.self) { try SettingsLoader.load(arguments, [:]) }
    #expect(error?.code == .cannotOpenInput)
    #expect(error?.message == "cannot open /nonexistent/riffle.yaml: No such file or directory")
  }

  private func origin(_ settings: Settings, _ key: String) -> String? {
    settings.effective.first { $0.setting.key == key }?.origin.text
  }
}
