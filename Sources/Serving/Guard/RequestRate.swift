/// A token bucket that is one number: the time at which a caller is even again (the generic cell rate algorithm of
/// ATM's traffic contract). A bucket holds the requests of one second, so that many may come at once.
struct RequestRate: Sendable, Equatable {
  private static let second: UInt64 = 1_000_000_000

  /// Nanoseconds that one request costs.
  private let cost: UInt64

  init(perSecond: Int) { cost = RequestRate.second / UInt64(max(1, perSecond)) }

  /// Counts a request at `now`, or says in how many nanoseconds it may come. `even` is 0 for a caller that is new; one
  /// that is not after `now` may be forgotten.
  func take(_ even: inout UInt64, at now: UInt64) -> UInt64? {
    let start = max(even, now)
    let debt = start - now
    let allowed = max(RequestRate.second, cost) - cost
    guard debt <= allowed else { return debt - allowed }
    even = start + cost
    return nil
  }
}

/// The buckets of callers that may be many: at most so many are remembered, and those beyond share one.
struct RequestRates<Caller: Hashable & Sendable>: Sendable {
  private let rate: RequestRate
  private let callersMax: Int
  private var evens: [Caller: UInt64] = [:]
  private var evenOfOthers: UInt64 = 0
  private var nextSweep: UInt64 = 0

  init(_ rate: RequestRate, callersMax: Int = 65_536) {
    self.rate = rate
    self.callersMax = callersMax
  }

  /// Counts a request of `caller`, or says in how many nanoseconds it may come. O(1), amortized.
  mutating func take(_ caller: Caller, at now: UInt64) -> UInt64? {
    if evens[caller] == nil, evens.count >= callersMax {
      sweep(at: now)
      guard evens.count < callersMax else { return rate.take(&evenOfOthers, at: now) }
    }
    return rate.take(&evens[caller, default: 0], at: now)
  }

  /// Forgets who is even, not more often than once a second.
  private mutating func sweep(at now: UInt64) {
    guard now >= nextSweep else { return }
    nextSweep = now + 1_000_000_000
    evens = evens.filter { $0.value > now }
  }
}
