internal import Columns

/// What happens to the shop beside its ordinary days. Each recurs, counted from the first session, so that traffic of
/// any length shows it.
public enum Scenario: String, Sendable, CaseIterable {
  case normal
  /// The rate of new sessions rises to four times its own and falls again, every ten minutes.
  case peakTraffic = "peak_traffic"
  /// From minute 2 to 4 of every ten, five times the sessions come, for five products of one campaign.
  case flashSale = "flash_sale"
  /// From minute 2 to 5 of every ten, one session in eight is a fraudster's: one of a few accounts that buys the
  /// dearest in great quantities, twenty times a minute.
  case fraudWave = "fraud_wave"
  /// From second 30 to 90 of every five minutes, a third of the partitions is silent; then what they missed comes at
  /// once.
  case outage
}

/// A scenario as the traffic asks for it; times are event times in milliseconds. All O(1).
struct ScenarioPlan: Sendable {
  private static let period = 10 * EventTime.minute
  private static let outagePeriod = 5 * EventTime.minute
  private static let silence = 30 * EventTime.second..<90 * EventTime.second

  static let saleProducts = 5
  static let fraudAccounts = 12
  /// The fraudsters' user ids begin here; those of ordinary users stay below unless there are more.
  static let firstFraudAccount = 900_000
  private static let fraudRate = 0.125

  let scenario: Scenario
  private let start: Int64
  private let partitionCount: Int

  init(_ options: TrafficOptions) {
    scenario = options.scenario
    start = options.start
    partitionCount = options.partitions
  }

  /// By how much more than usual sessions begin.
  func rateFactor(at time: Int64) -> Double {
    switch scenario {
    case .peakTraffic:
      let phase = Double(elapsed(time, of: ScenarioPlan.period)) / Double(ScenarioPlan.period)
      return 1 + 3 * (1 - abs(2 * phase - 1))
    case .flashSale: return isSale(at: time) ? 5 : 1
    case .normal, .fraudWave, .outage: return 1
    }
  }

  func isSale(at time: Int64) -> Bool {
    scenario == .flashSale
      && (2 * EventTime.minute..<4 * EventTime.minute).contains(elapsed(time, of: ScenarioPlan.period))
  }

  /// The probability that a session that begins at `time` is a fraudster's.
  func fraudRate(at time: Int64) -> Double {
    let isWave =
      scenario == .fraudWave
      && (2 * EventTime.minute..<5 * EventTime.minute).contains(elapsed(time, of: ScenarioPlan.period))
    return isWave ? ScenarioPlan.fraudRate : 0
  }

  /// When a line that would arrive at `time` does: behind the silence of its partition.
  func arrival(at time: Int64, partition: Int) -> Int64 {
    guard scenario == .outage, partition < max(1, partitionCount / 3) else { return time }
    let inPeriod = elapsed(time, of: ScenarioPlan.outagePeriod)
    return ScenarioPlan.silence.contains(inPeriod) ? time - inPeriod + ScenarioPlan.silence.upperBound : time
  }

  private func elapsed(_ time: Int64, of period: Int64) -> Int64 {
    time - start - EventTime.floorDivide(time - start, period) * period
  }
}
