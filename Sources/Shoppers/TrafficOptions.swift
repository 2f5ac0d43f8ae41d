internal import Columns

/// What synthetic traffic looks like. Rates are probabilities per line unless they say otherwise.
public struct TrafficOptions: Sendable, Equatable {
  /// What events are keyed and partitioned by.
  public enum Key: String, Sendable {
    /// A session id, and for most sessions a user id.
    case session
    /// A user id and no session id, so that sessions have to be derived.
    case user
  }

  /// The order in which lines arrive.
  public enum Order: String, Sendable {
    /// As they happen, give or take the delays.
    case time
    /// All of a session when it ends, as exports of analytics tools have it.
    case sessionEnd
  }

  public var seed: UInt64 = 1
  /// The number of lines, with duplicates and malformed ones.
  public var eventCount = 100_000
  /// Event time of the first session, in milliseconds.
  public var start: Int64 = 1_700_136_000_000
  /// About how long it takes until `eventCount` lines have happened, in milliseconds; open sessions run on behind it.
  public var spanMilliseconds: Int64 = 2 * EventTime.hour
  /// Users to choose from; 0 for a thirtieth of `eventCount`, at least 100.
  public var users = 0
  public var products = 20_000
  public var partitions = 4
  public var key = Key.session
  public var order = Order.time
  /// The currency of all prices; nil for that of the shopper's country.
  public var currency: String?
  /// Rate of sessions without a user id (`key` is `session`).
  public var anonymousRate = 0.15

  /// Lines sent again within two seconds to the same partition.
  public var duplicateRate = 0.005
  /// Lines sent again much later, to any partition.
  public var farDuplicateRate = 0.0005
  /// The longest time after which a far duplicate comes, in milliseconds; the shortest is a tenth of it.
  public var farDuplicateMilliseconds: Int64 = 6 * EventTime.hour
  /// Lines that must become dead letters, all reasons in equal parts.
  public var malformedRate = 0.001
  /// Length of malformed lines that are too long, in bytes; nil for none of that kind.
  public var tooLongBytes: Int?

  /// Lines that arrive out of order: up to `disorderMilliseconds` after they happened. Others take about 200 ms.
  public var disorderRate = 0.15
  public var disorderMilliseconds: Int64 = 5_000
  /// Lines that arrive late: up to `latenessMilliseconds` after they happened.
  public var lateRate = 0.001
  public var latenessMilliseconds: Int64 = 30 * EventTime.minute
  /// Lines whose time is not written as RFC 3339 in UTC with milliseconds, but with an offset, without milliseconds or
  /// as a number of seconds, milliseconds or microseconds.
  public var timeFormRate = 0.0
  /// Rate of sessions that are a crawler's: hundreds of page views, a fraction of a second apart.
  public var botRate = 0.0005
  /// Rate of orders that are refunded some minutes later.
  public var refundRate = 0.03
  /// What happens beside ordinary days.
  public var scenario = Scenario.normal
  /// Lines per second of event time, evenly from the first moment on; nil for a daily curve that makes `eventCount`
  /// lines in `spanMilliseconds`.
  public var linesPerSecond: Double?

  public init() {}
}

/// Why options make no traffic.
public enum TrafficOptionsError: Error, Equatable, CustomStringConvertible {
  case outOfRange(option: String, allowed: String)

  public var description: String {
    switch self {
    case .outOfRange(let option, let allowed): "traffic option '\(option)' is out of range: it must be \(allowed)"
    }
  }
}

extension TrafficOptions {
  /// Checks every option. O(1).
  func check() throws(TrafficOptionsError) {
    let rates = [
      ("anonymousRate", anonymousRate), ("duplicateRate", duplicateRate), ("farDuplicateRate", farDuplicateRate),
      ("malformedRate", malformedRate), ("disorderRate", disorderRate), ("lateRate", lateRate),
      ("timeFormRate", timeFormRate), ("botRate", botRate), ("refundRate", refundRate),
    ]
    for (name, rate) in rates where !(0...1).contains(rate) { throw .outOfRange(option: name, allowed: "from 0 to 1") }
    guard linesPerSecond.map({ (0.001...10_000_000).contains($0) }) ?? true else {
      throw .outOfRange(option: "linesPerSecond", allowed: "from 0.001 to 10000000")
    }
    let counts = [
      ("eventCount", eventCount, 0...1_000_000_000_000), ("users", users, 0...100_000_000),
      ("products", products, 1...10_000_000), ("partitions", partitions, 1...100_000),
      ("tooLongBytes", tooLongBytes ?? 1024, 1024...100_000_000),
    ]
    for (name, count, range) in counts where !range.contains(count) {
      throw .outOfRange(option: name, allowed: "from \(range.lowerBound) to \(range.upperBound)")
    }
    let durations = [
      ("spanMilliseconds", spanMilliseconds), ("farDuplicateMilliseconds", farDuplicateMilliseconds),
      ("disorderMilliseconds", disorderMilliseconds), ("latenessMilliseconds", latenessMilliseconds),
    ]
    for (name, duration) in durations where !(10...36_500 * EventTime.day).contains(duration) {
      throw .outOfRange(option: name, allowed: "from 10 milliseconds to 100 years")
    }
    guard (1...4_000_000_000_000).contains(start) else {
      throw .outOfRange(option: "start", allowed: "after 1970 and before 2096")
    }
    let isCode = currency.map { $0.utf8.count == 3 && $0.utf8.allSatisfy { (65...90).contains($0) } } ?? true
    guard isCode else { throw .outOfRange(option: "currency", allowed: "three capital letters, such as EUR") }
  }
}
