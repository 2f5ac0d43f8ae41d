public import Columns

/// Where one session ends and the next begins: a pure function of the ordered events of one key.
///
/// An event opens a session if it is the first of its key, or by the first rule that holds: *gap* since the event
/// before, *length* since the session's first event, *size*, *midnight* in the zone, *campaign* (the event names one
/// and it is not the session's). Only a gap is a boundary that does not depend on what came before it.
///
///     SessionRules.ga4.sessions(of: [event(at: 0), event(at: 1_799_999), event(at: 3_599_999)])  // [0..<2, 2..<3]
///
/// Analytics tools start a new session at a gap of exactly 30 minutes, stream processors join at it: `isGapInclusive`.
public struct SessionRules: Sendable, Equatable {
  /// Silence that ends a session, in milliseconds; positive.
  public var gapMilliseconds: Int64
  /// An event this long after the session's first opens a new one; nil for no limit, and then nothing bounds the memory
  /// of a key that never falls silent.
  public var lengthMilliseconds: Int64?
  /// The most events of a session; nil for no limit.
  public var maximumEvents: Int?
  /// Whether a gap of exactly `gapMilliseconds` stays inside the session.
  public var isGapInclusive: Bool
  /// Whether a session ends when the local date of `zone` changes.
  public var cutsAtMidnight: Bool
  /// Whether an event that names another campaign than the session's opens a new one. A session's campaign is that of
  /// its first event, so one that began without is left by the first event that names any.
  public var cutsOnCampaign: Bool
  /// Whose midnights cut.
  public var zone: CalendarZone

  public init(
    gapMilliseconds: Int64 = 30 * EventTime.minute, lengthMilliseconds: Int64? = 24 * EventTime.hour,
    maximumEvents: Int? = 10_000, isGapInclusive: Bool = false, cutsAtMidnight: Bool = false,
    cutsOnCampaign: Bool = false, zone: CalendarZone = .utc
  ) {
    self.gapMilliseconds = gapMilliseconds
    self.lengthMilliseconds = lengthMilliseconds
    self.maximumEvents = maximumEvents
    self.isGapInclusive = isGapInclusive
    self.cutsAtMidnight = cutsAtMidnight
    self.cutsOnCampaign = cutsOnCampaign
    self.zone = zone
  }

  /// Google Analytics 4, with the bounds of length and size that keep memory finite: the default.
  public static let ga4 = SessionRules()
  /// Universal Analytics: midnight and campaign end a session.
  public static let ua = SessionRules(
    lengthMilliseconds: nil, maximumEvents: nil, cutsAtMidnight: true, cutsOnCampaign: true)
  /// Matomo: as `ua`, at most 10,000 actions.
  public static let matomo = SessionRules(lengthMilliseconds: nil, cutsAtMidnight: true, cutsOnCampaign: true)
  /// PostHog: 30 minutes of silence, 24 hours of length.
  public static let posthog = SessionRules(maximumEvents: nil)
  /// Flink's session windows: sessions that touch are one.
  public static let flink = SessionRules(lengthMilliseconds: nil, maximumEvents: nil, isGapInclusive: true)

  /// The rules of that name (`ga4`, `ua`, `matomo`, `posthog`, `flink`), nil for any other.
  public static func preset(_ name: String) -> SessionRules? {
    switch name {
    case "ga4": ga4
    case "ua": ua
    case "matomo": matomo
    case "posthog": posthog
    case "flink": flink
    default: nil
    }
  }

  /// Whether `gap` milliseconds between two neighbours end a session whatever came before: the only boundary that is
  /// independent of history. O(1).
  @inlinable public func separates(gap: Int64) -> Bool {
    isGapInclusive ? gap > gapMilliseconds : gap >= gapMilliseconds
  }

  /// Whether an event at `horizon` or later can no longer join a session whose last event is at `last`.
  @inlinable func isSilent(last: Int64, at horizon: Int64) -> Bool {
    let (edge, overflows) = last.addingReportingOverflow(gapMilliseconds)
    if overflows { return false }
    return isGapInclusive ? edge < horizon : edge <= horizon
  }
}

extension SessionRules {
  /// The sessions of `events`, which are sorted, as ranges of positions that cover them in order. O(n).
  public func sessions(of events: Span<SessionEvent>) -> [Range<Int>] {
    var sessions: [Range<Int>] = []
    var first = 0
    var midnight = EventTime.distantFuture
    for position in 0..<events.count {
      let event = events[position]
      if position > first,
        opens(event, after: events[position - 1], inSessionOf: events[first], position - first, midnight)
      {
        sessions.append(first..<position)
        first = position
      }
      if cutsAtMidnight, position == first || event.time >= midnight {
        midnight = zone.window(.day, containing: event.time).upperBound
      }
    }
    if first < events.count { sessions.append(first..<events.count) }
    return sessions
  }

  public func sessions(of events: [SessionEvent]) -> [Range<Int>] { sessions(of: events.span) }

  private func opens(
    _ event: SessionEvent, after previous: SessionEvent, inSessionOf first: SessionEvent, _ count: Int,
    _ midnight: Int64
  ) -> Bool {
    if separates(gap: event.time - previous.time) { return true }
    if let lengthMilliseconds, event.time - first.time >= lengthMilliseconds { return true }
    if let maximumEvents, count >= maximumEvents { return true }
    if cutsAtMidnight, event.time >= midnight { return true }
    return cutsOnCampaign && event.campaign != 0 && event.campaign != first.campaign
  }

  /// The sessions at the front of the sorted `events` that no admissible event can change any more, when every event to
  /// come has a time of at least `horizon` (watermark minus allowed lateness): a session is sealed once it is silent,
  /// or once its successor began before the horizon.
  ///
  /// The caller removes what the ranges cover: the rest splits on its own as it did behind them. O(n).
  public func sealedPrefix(of events: Span<SessionEvent>, horizon: Int64) -> [Range<Int>] {
    guard events.count > 0, events[0].time < horizon else { return [] }
    var sessions = sessions(of: events)
    var sealed = 0
    for session in sessions {
      let successorBegan = session.upperBound < events.count && events[session.upperBound].time < horizon
      guard successorBegan || isSilent(last: events[session.upperBound - 1].time, at: horizon) else { break }
      sealed += 1
    }
    sessions.removeSubrange(sealed...)
    return sessions
  }

  public func sealedPrefix(of events: [SessionEvent], horizon: Int64) -> [Range<Int>] {
    sealedPrefix(of: events.span, horizon: horizon)
  }
}
