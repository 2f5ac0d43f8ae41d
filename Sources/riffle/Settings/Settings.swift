import Landing
import Serving
import Telemetry

/// What the engine reads: every setting, typed and checked. Durations in milliseconds, sizes in bytes.
///
/// The blank values here never show: `SettingsLoader` fills in each default of the settings table.
struct Settings: Sendable {
  enum SessionMode: String, Sendable, CaseIterable { case given, derived }

  /// One value in effect and where it comes from.
  struct Effective: Sendable {
    let setting: SettingSpecification
    let value: SettingValue
    let origin: SettingOrigin
  }

  var kafkaBrokers = ""
  var kafkaTopic = ""
  /// Of librdkafka, in the order of the text; some are secrets.
  var kafkaProperties: [SettingValue.NamePair] = []
  var kafkaGroupID = ""
  var kafkaStart = KafkaStart.earliest
  var kafkaMemoryBytes = 0

  var maxOutOfOrdernessMilliseconds: Int64 = 0
  var maxDriftMilliseconds: Int64 = 0
  var idleTimeoutMilliseconds: Int64 = 0
  var liveThresholdMilliseconds: Int64 = 0
  var maxFutureSkewMilliseconds: Int64 = 0
  var allowedLatenessMilliseconds: Int64 = 0
  var dedupHorizonMilliseconds: Int64 = 0

  var sessionMode = SessionMode.given
  var sessionGapMilliseconds: Int64 = 0
  var sessionGapIsInclusive = false
  var sessionMaxLengthMilliseconds: Int64 = 0
  var sessionMaxEvents = 0
  var sessionsCutAtMidnight = false
  var sessionsCutOnCampaign = false
  var sessionTimeZone = ""

  var eventTypeNames: [String] = []
  /// From a foreign name to ours.
  var eventTypeAliases: [SettingValue.NamePair] = []
  var maxMessageBytes = 0

  var funnelSteps: [String] = []
  var funnelWindowMilliseconds: Int64 = 0
  /// Empty where none is configured.
  var kpiCurrency = ""
  var distinctExactLimit = 0
  var rollups: [RollupSetting] = []

  var keyGroups = 0
  var batchMaxRecords = 0
  var checkpointIntervalMilliseconds: Int64 = 0
  var repairIntervalMilliseconds: Int64 = 0
  var hotRetentionMilliseconds: Int64 = 0
  var segmentTargetBytes = 0
  var rowGroupRows = 0

  var compactionIsOn = false
  var compactionIntervalMilliseconds: Int64 = 0
  var compactionRest = 0
  var compactionFanIn = 0
  var compactionSmallestBytes = 0
  var compactionRowGroupRows = 0
  var compactionMemoryBytes = 0
  var compactionEventsOrder = EventOrder.session
  var compactionTailGroups = 0
  /// 0 for good.
  var retentionEventsMilliseconds: Int64 = 0
  var retentionSessionsMilliseconds: Int64 = 0
  var retentionOrdersMilliseconds: Int64 = 0
  var retentionKpisMilliseconds: Int64 = 0
  var timeTravelRetentionMilliseconds: Int64 = 0
  var timeTravelStepMilliseconds: Int64 = 0

  var httpListen = ""
  var httpIsOpen = false
  var httpKeys: [APIKey] = []
  var httpAnonymousScopes: [String] = []
  /// 0 for no limit.
  var httpAddressRequestsPerSecond = 0
  /// 0 for no limit.
  var httpAddressConnections = 0
  var httpHosts: [String] = []
  var httpOrigins: [String] = []
  var httpTrustedProxies: [String] = []
  var httpAuditPath = ""
  /// Empty for none.
  var httpCertificatePath = ""
  var httpKeyPath = ""
  var httpCollectBytes = 0

  /// A path; empty for none.
  var pageChartScript = ""

  /// Empty for none.
  var outboxResultsTopic = ""
  var outboxDeadLettersTopic = ""
  var outboxPartitions = 0
  var outboxFlushTimeoutMilliseconds: Int64 = 0

  var logFormat = Log.Format.text
  var logLevel = Log.Level.info

  /// All values in the order of the settings table.
  var effective: [Effective] = []
}
