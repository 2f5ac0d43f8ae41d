internal import Columns

/// How the rate of new sessions goes up and down over the hours of a day (UTC), such that a span holds as many lines as
/// wanted.
struct DailyCurve: Sendable {
  /// Weight of the rate at each full hour; between hours it changes linearly.
  private static let weights: [Double] = [
    0.55, 0.38, 0.27, 0.22, 0.22, 0.30, 0.46, 0.68, 0.88, 1.02, 1.10, 1.15, 1.20, 1.18, 1.12, 1.10, 1.14, 1.24, 1.40,
    1.58,
    1.66, 1.52, 1.18, 0.82,
  ]

  /// Milliseconds between two sessions where the weight is 1.
  private let pauseMilliseconds: Double

  init(_ options: TrafficOptions) {
    let linesPerEvent = 1 + options.duplicateRate + options.farDuplicateRate + options.malformedRate
    let eventsPerSession = Journey.meanLength + options.botRate * (Journey.meanBotLength - Journey.meanLength)
    let sessions = max(1, Double(options.eventCount) / (linesPerEvent * eventsPerSession))
    let samples = 1000
    var weight = 0.0
    for sample in 0..<samples {
      let elapsed = Double(options.spanMilliseconds) * Double(sample) / Double(samples)
      weight += DailyCurve.weight(at: options.start + Int64(elapsed)) / Double(samples)
    }
    pauseMilliseconds = Double(options.spanMilliseconds) / sessions * weight
  }

  /// The mean time until the next session, in milliseconds.
  func meanPause(at time: Int64) -> Double { pauseMilliseconds / DailyCurve.weight(at: time) }

  private static func weight(at time: Int64) -> Double {
    let inDay = time - EventTime.floorDivide(time, EventTime.day) * EventTime.day
    let hour = Int(inDay / EventTime.hour)
    let part = Double(inDay % EventTime.hour) / Double(EventTime.hour)
    return weights[hour] * (1 - part) + weights[(hour + 1) % 24] * part
  }
}
