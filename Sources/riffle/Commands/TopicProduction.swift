import Shoppers
import Telemetry

/// `riffle produce` into a topic.
///
/// Live, event time is that of a `ShopClock`: the traffic runs by it, and where it falls behind, since the brokers are
/// slow or no rate was asked for, all that is still to happen happens later. With `--start`, lines are a function of
/// the flags.
struct TopicProduction {
  /// Of live traffic without a limit: what it can make at all.
  private static let fastestPerSecond = 1_000_000.0
  /// Of live traffic, where none are asked for.
  private static let usersOfLiveTraffic = 100_000
  /// Traffic that is this far behind the clock goes on later instead of hurrying.
  private static let patienceMilliseconds: Int64 = 250
  private static let linesPerLook = 256

  private let place: KafkaPlace
  private let options: TrafficOptions
  private let partitionCount: Int
  /// Lines per second of event time; nil for as many as the brokers take.
  private let rate: Double?
  private let isLive: Bool
  private let eventsAtMost: Int
  private let durationMilliseconds: Int64?
  private let speed: Double
  /// How far apart batches go out, at least.
  var tickMilliseconds: Int64 = 5

  init(_ arguments: ParsedArguments, _ settings: Settings) {
    place = KafkaPlace(settings)
    rate = arguments.text("rate").flatMap { PaceText.rate($0) } ?? nil
    isLive = !arguments.has("start")
    durationMilliseconds = arguments.durationMilliseconds("duration")
    speed = arguments.given("speed").flatMap(PaceText.speed) ?? 1
    partitionCount = Int(arguments.integer("partitions") ?? 4)
    var options = TrafficOptions(arguments, partitions: partitionCount)
    if isLive {
      eventsAtMost = arguments.integer("events").map(Int.init) ?? .max
      options.linesPerSecond = rate ?? Self.fastestPerSecond
    } else {
      // Without a rate they are the very lines that go into files.
      eventsAtMost = arguments.integer("events").map(Int.init) ?? (rate == nil ? options.eventCount : .max)
      options.linesPerSecond = rate
    }
    if options.linesPerSecond != nil {
      // Lines that are on their way at the end must not keep it waiting: it ends by counting.
      options.eventCount = 1_000_000_000_000
      if options.users == 0 { options.users = Self.usersOfLiveTraffic }
    } else {
      options.eventCount = eventsAtMost
    }
    self.options = options
  }

  /// Sends until the end or a wish to stop, and returns what was sent, as JSON on one line.
  ///
  /// - Parameter mustWait: whether those who read are too far behind; asked now and then.
  func run(_ stop: StopWish, waitingWhile mustWait: () -> Bool = { false }) throws -> String {
    var options = options
    options.partitions = try place.ensureTopic(partitionCount: partitionCount)
    let clock = shopClock()
    if isLive { options.start = clock.start }
    var lines = try Traffic(options).makeIterator()
    let sender = try PacedSender(
      place, stop: stop, durationMilliseconds: durationMilliseconds, tickMilliseconds: tickMilliseconds)
    var counts = TrafficCounts()
    var bar = ProgressBar(
      bytesTotal: 0, eventsTotal: eventsAtMost == .max ? 0 : Int64(eventsAtMost),
      nowMilliseconds: sender.startMilliseconds)
    while counts.lines < eventsAtMost, let line = lines.next() {
      let due =
        isLive ? clock.milliseconds(until: line.arrivalTime) : rate != nil ? line.arrivalTime - options.start : 0
      let key = line.key.isEmpty ? nil : Optional(line.key.span)
      let wasTaken = try sender.add(
        key: key, value: line.bytes.span, partition: Int32(line.partition), dueMilliseconds: due)
      guard wasTaken else { break }
      counts.add(line.kind)
      guard counts.lines % Self.linesPerLook == 0 else { continue }
      while mustWait(), !stop.isAsked { stop.wait(milliseconds: 20) }
      let now = MonotonicClock.nowMilliseconds()
      bar.show(bytesDone: sender.outcome.bytes, events: Int64(counts.lines), nowMilliseconds: now)
      let elapsed = now - sender.startMilliseconds
      if isLive, elapsed - due > (rate == nil ? 0 : Self.patienceMilliseconds) {
        lines.postpone(byMilliseconds: clock.time(afterMilliseconds: elapsed) - line.arrivalTime)
      }
    }
    bar.finish()
    try sender.finish()
    return summary(counts, sender, options.partitions)
  }

  private func shopClock() -> ShopClock {
    ShopClock(
      wallStart: WallClock.nowMilliseconds(), speed: speed,
      catchUpMilliseconds: durationMilliseconds ?? ShopClock.usualCatchUpMilliseconds)
  }

  private func summary(_ counts: TrafficCounts, _ sender: PacedSender, _ partitions: Int) -> String {
    JSONText.object(counts.members + SendingSummary.members(sender, place.topic, partitions: partitions))
  }
}

/// What all commands that send say at their end.
enum SendingSummary {
  static func members(_ sender: PacedSender, _ topic: String, partitions: Int) -> [(name: String, json: String)] {
    let elapsed = max(1, MonotonicClock.nowMilliseconds() - sender.startMilliseconds)
    let sent = sender.outcome.sent
    return [
      ("topic", JSONText.string(topic)), ("partitions", "\(partitions)"), ("delivered", "\(sent)"),
      ("bytes", "\(sender.outcome.bytes)"), ("elapsed_ms", "\(elapsed)"),
      ("messages_per_second", "\(Int64(sent) * 1000 / elapsed)"), ("interrupted", "\(sender.wasInterrupted)"),
    ]
  }
}
