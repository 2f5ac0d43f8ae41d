public import Columns
public import Ingest
public import Landing
public import Windows

/// The job of a shop, derived from its settings and checked: what the parts of the graph are made from.
public struct Job: Sendable {
  public let settings: JobSettings
  public let types: EventTypes
  public let keyed: KeyedPlan
  public let lane: LanePlan
  public let landing: LandingPlan
  /// The events that orders are made of.
  public let purchases: TypeMask
  /// What is stored of them.
  public var orders: OrderTable { landing.orders }
  public let rollupTables: [RollupTable]

  public init(_ settings: JobSettings) throws(JobSettingsError) {
    self.settings = settings
    do throws(EventTypes.Invalid) {
      types = try EventTypes(settings.typeNames, aliases: settings.typeAliases)
    } catch {
      throw JobSettingsError("event_types: \(error)")
    }
    try Job.check(settings, types)
    purchases = types.mask("purchase")
    let measures = Kpis.measures(types)
    let rollups = settings.rollups.map {
      Rollup(name: $0.name, shape: $0.shape, groupBy: $0.groupBy, measures: measures)
    }
    rollupTables = rollups.map { RollupTable($0, distinctExactLimit: settings.distinctExactLimit) }
    keyed = KeyedPlan(
      rollups: rollups, sessionRules: settings.sessionRules,
      sessionTable: SessionTable(Kpis.session(types, funnel: settings.funnelSteps)),
      allowedLatenessMilliseconds: settings.allowedLatenessMilliseconds,
      deduplicationHorizonMilliseconds: settings.deduplicationHorizonMilliseconds,
      distinctExactLimit: settings.distinctExactLimit, keyGroupCount: settings.keyGroupCount)
    lane = LanePlan(
      shape: EventSchema.shape(types: types, maximumMessageBytes: settings.maximumMessageBytes),
      layout: EventLayout(schema: EventSchema.table, names: EventSchema.names), sessionMode: settings.sessionMode,
      outOfOrdernessMilliseconds: settings.outOfOrdernessMilliseconds,
      maximumFutureSkewMilliseconds: settings.maximumFutureSkewMilliseconds,
      maximumRecords: settings.maximumBatchRecords)
    landing = LandingPlan(
      keyed: keyed, stored: Job.storedEvents(settings, types), orders: Kpis.orders(types), rollupTables: rollupTables,
      eventTimeColumn: EventSchema.timeColumn, typeNames: types.names,
      configuration: Job.definitions(settings))
  }

  /// Every table of the job: name, schema, and the column whose day a row belongs to.
  public var tables: [(name: String, schema: Schema, timeColumn: String?)] {
    [
      (TableNames.events, EventSchema.table, EventSchema.timeColumn),
      (TableNames.sessions, keyed.sessionTable.schema, "start"),
      (TableNames.orders, orders.schema, orders.timeColumn),
      (TableNames.deadLetters, DeadLetterTable.schema, nil),
      (TableNames.waiting, EventSchema.table, EventSchema.timeColumn),
      (TableNames.commits, CommitRows.schema, CommitRows.timeColumn),
    ] + rollupTables.map { ($0.rollup.name, $0.schema, "pane_start") }
  }

  /// The tables that are compacted: all but that of messages that wait, which is written anew all the time.
  public var compactedTables: [CompactedTable] {
    tables.filter { $0.name != TableNames.waiting }.map { name, schema, timeColumn in
      let arrangement: RowArrangement =
        switch name {
        case TableNames.events: .events(settings.compactedEventOrder, landing.stored)
        case TableNames.sessions: .byColumns(["start", "session_id"])
        case TableNames.orders: .byColumns(orders.order)
        case TableNames.deadLetters, TableNames.commits: .asGiven
        default: rollupTables.first { $0.rollup.name == name }.map(RowArrangement.merged) ?? .asGiven
        }
      return CompactedTable(name: name, schema: schema, timeColumn: timeColumn, arrangement: arrangement)
    }
  }

  /// How and when they are.
  public var compactionRules: CompactionRules {
    var rules = settings.compaction
    rules.segmentBytes = settings.segmentBytes
    return rules
  }

  /// By table, how long rows are kept; for good where it is missing.
  public var retentionMilliseconds: [String: Int64] {
    var retention: [String: Int64] = [:]
    retention[TableNames.events] = settings.eventRetentionMilliseconds
    retention[TableNames.sessions] = settings.sessionRetentionMilliseconds
    retention[TableNames.orders] = settings.orderRetentionMilliseconds
    for table in rollupTables { retention[table.rollup.name] = settings.kpiRetentionMilliseconds }
    return retention
  }

  private static func check(_ settings: JobSettings, _ types: EventTypes) throws(JobSettingsError) {
    var names: Set = [
      TableNames.events, TableNames.sessions, TableNames.orders, TableNames.deadLetters, TableNames.waiting,
      TableNames.commits,
    ]
    for rollup in settings.rollups {
      guard names.insert(rollup.name).inserted else {
        throw JobSettingsError("rollups: there are two tables called '\(rollup.name)'; give each rollup its own name")
      }
      for column in rollup.groupBy where !EventSchema.dimensions.contains(column) {
        throw JobSettingsError(
          "rollups: '\(rollup.name)' groups by '\(column)', which is no dimension; there are "
            + EventSchema.dimensions.joined(separator: ", "))
      }
    }
    try JobSettings.checkFunnel(settings.funnelSteps, typeNames: types.names)
  }

  private static func storedEvents(_ settings: JobSettings, _ types: EventTypes) -> StoredEvents {
    StoredEvents(names: EventSchema.names, sessionMode: settings.sessionMode) { column in
      var codes = [UInt8](repeating: 0, count: column.rowCount)
      for row in 0..<column.rowCount { codes[row] = types.code(of: column.bytes(row)) ?? 63 }
      return ColumnBuffer(codes)
    }
  }

  /// The definitions that stored numbers depend on: a directory is continued only with the same.
  private static func definitions(_ settings: JobSettings) -> String {
    let rollups = settings.rollups.map { "rollup \($0.name): \($0.shape) by \($0.groupBy.joined(separator: ", "))" }
    let aliases = settings.typeAliases.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return
      (rollups + [
        sessionKeys(settings) + "\(settings.sessionRules)",
        "orders: purchases and refunds",
        "funnel: \(settings.funnelSteps.joined(separator: " > "))",
        "event types: \(settings.typeNames.joined(separator: ", "))",
        "aliases: \(aliases.joined(separator: ", "))",
        "distinct limit: \(settings.distinctExactLimit)",
      ]).joined(separator: "\n")
  }

  private static func sessionKeys(_ settings: JobSettings) -> String { "sessions: \(settings.sessionMode.rawValue) " }

  /// Whether events have the same session keys under the definitions `configuration`, and so the same identities.
  func hasSessionKeys(of configuration: String) -> Bool {
    configuration.split(separator: "\n").contains { $0.hasPrefix(Job.sessionKeys(settings)) }
  }
}
