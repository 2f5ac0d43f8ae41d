/// Lines at a constant rate from the first moment on, for live traffic: a new session begins whenever the open ones
/// make fewer lines than wanted.
struct SteadyRate: Sendable {
  /// More open sessions than that would only take memory: at higher rates shoppers act faster instead. About 200,000
  /// sessions are open at most.
  private static let rateOfNaturalPauses = 8000.0
  /// How far open sessions may work ahead, in milliseconds; without a bound no session would begin for long after a
  /// scenario's rush.
  private static let advance = 1000.0

  /// About how long a session lasts at natural pauses. A shop that is looked at has been open before: sessions that
  /// begin in this time are met in their middle, or nobody would buy anything for minutes.
  private static let sessionMilliseconds = 200_000.0

  private let pauseMilliseconds: Double
  /// What pauses between the actions of a session are multiplied with.
  let pauseScale: Double

  init(linesPerSecond: Double) {
    pauseMilliseconds = 1000 / linesPerSecond
    pauseScale = min(1, SteadyRate.rateOfNaturalPauses / linesPerSecond)
  }

  /// Whether sessions that begin `elapsedMilliseconds` after the first are met in their middle.
  func isWarmingUp(_ elapsedMilliseconds: Int64) -> Bool {
    Double(elapsedMilliseconds) < SteadyRate.sessionMilliseconds * pauseScale
  }

  /// When the next session has to begin, after one more line was made at `time`; `due` is the time known before.
  func due(after due: Double, madeAt time: Int64, rateFactor: Double) -> Double {
    min(due + pauseMilliseconds / rateFactor, Double(time) + max(SteadyRate.advance, pauseMilliseconds))
  }
}
