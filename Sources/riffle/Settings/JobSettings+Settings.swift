import Checkpoints
import Commerce
import Landing
import Windows

// From what a person configured to what the engine runs.

extension Job {
  /// The job that `settings` describe.
  ///
  /// - Throws: A usage error with the job's own sentence where settings that are each fine alone make no job.
  init(_ settings: Settings) throws(CommandError) {
    let jobSettings = try JobSettings(settings)
    do throws(JobSettingsError) {
      try self.init(jobSettings)
    } catch {
      throw .usage(error.description)
    }
  }
}

extension JobSettings {
  /// - Throws: A usage error where the engine does not know a time zone.
  init(_ settings: Settings) throws(CommandError) {
    self.init()
    outOfOrdernessMilliseconds = settings.maxOutOfOrdernessMilliseconds
    allowedLatenessMilliseconds = settings.allowedLatenessMilliseconds
    maximumDriftMilliseconds = settings.maxDriftMilliseconds
    idleTimeoutMilliseconds = settings.idleTimeoutMilliseconds
    liveThresholdMilliseconds = settings.liveThresholdMilliseconds
    maximumFutureSkewMilliseconds = settings.maxFutureSkewMilliseconds
    repairIntervalMilliseconds = settings.repairIntervalMilliseconds
    hotRetentionMilliseconds = settings.hotRetentionMilliseconds
    deduplicationHorizonMilliseconds = settings.dedupHorizonMilliseconds
    sessionRules = try SessionRules(settings)
    sessionMode =
      switch settings.sessionMode {
      case .given: .given
      case .derived: .derived
      }
    rollups = []
    for rollup in settings.rollups { rollups.append(try Rollup(rollup)) }
    funnelSteps = settings.funnelSteps
    funnelWindowMilliseconds = settings.funnelWindowMilliseconds
    currency = settings.kpiCurrency.isEmpty ? nil : settings.kpiCurrency
    typeNames = settings.eventTypeNames
    typeAliases = [:]
    for alias in settings.eventTypeAliases { typeAliases[alias.name] = alias.value }
    distinctExactLimit = settings.distinctExactLimit
    keyGroupCount = settings.keyGroups
    maximumBatchRecords = settings.batchMaxRecords
    maximumMessageBytes = settings.maxMessageBytes
    checkpointIntervalMilliseconds = settings.checkpointIntervalMilliseconds
    rowGroupRows = settings.rowGroupRows
    segmentBytes = settings.segmentTargetBytes
    compaction = CompactionRules(settings)
    compactedEventOrder = settings.compactionEventsOrder
    eventRetentionMilliseconds = JobSettings.retention(settings.retentionEventsMilliseconds)
    sessionRetentionMilliseconds = JobSettings.retention(settings.retentionSessionsMilliseconds)
    orderRetentionMilliseconds = JobSettings.retention(settings.retentionOrdersMilliseconds)
    kpiRetentionMilliseconds = JobSettings.retention(settings.retentionKpisMilliseconds)
    history.retentionMilliseconds = settings.timeTravelRetentionMilliseconds
    history.stepMilliseconds = settings.timeTravelStepMilliseconds
  }

  private static func retention(_ milliseconds: Int64) -> Int64? { milliseconds > 0 ? milliseconds : nil }
}

extension CompactionRules {
  fileprivate init(_ settings: Settings) {
    self.init()
    intervalMilliseconds = settings.compactionIsOn ? settings.compactionIntervalMilliseconds : nil
    restPerStep = settings.compactionRest
    fanIn = settings.compactionFanIn
    smallestBytes = settings.compactionSmallestBytes
    rowGroupRows = settings.compactionRowGroupRows
    memoryBytes = settings.compactionMemoryBytes
    tailGroups = settings.compactionTailGroups
  }
}

extension SessionRules {
  fileprivate init(_ settings: Settings) throws(CommandError) {
    self.init(
      gapMilliseconds: settings.sessionGapMilliseconds, lengthMilliseconds: settings.sessionMaxLengthMilliseconds,
      maximumEvents: settings.sessionMaxEvents, isGapInclusive: settings.sessionGapIsInclusive,
      cutsAtMidnight: settings.sessionsCutAtMidnight, cutsOnCampaign: settings.sessionsCutOnCampaign,
      zone: try CalendarZone(named: settings.sessionTimeZone, by: "sessions.time_zone"))
  }
}

extension JobSettings.Rollup {
  fileprivate init(_ rollup: RollupSetting) throws(CommandError) {
    let shape: WindowShape
    switch rollup.window {
    case .tumbling(let size): shape = .tumbling(size: size)
    case .hopping(let size, let every): shape = .hopping(size: size, slide: every)
    case .calendar(let unit, let timeZone):
      let zone = try CalendarZone(named: timeZone, by: "rollups: '\(rollup.name)'")
      switch unit {
      case .day: shape = .calendar(.day, zone: zone)
      case .week: shape = .calendar(.week, zone: zone)
      case .month: shape = .calendar(.month, zone: zone)
      }
    }
    self.init(name: rollup.name, shape: shape, groupBy: rollup.groupBy)
  }
}

extension CalendarZone {
  /// The system's database may have files that are no zone of the engine's, so a checked name may still be unknown.
  fileprivate init(named name: String, by setting: String) throws(CommandError) {
    do throws(WindowShapeError) {
      try self.init(name)
    } catch {
      throw .usage("\(setting): \(error)")
    }
  }
}
