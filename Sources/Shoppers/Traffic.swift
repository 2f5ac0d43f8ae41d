internal import Columns

/// One line of traffic, on its way to a partition.
public struct TrafficLine: Sendable, Equatable {
  /// How a line came about.
  public enum Kind: Sendable, Equatable {
    case event
    /// The bytes of an earlier line, shortly after it.
    case duplicate
    /// The bytes of an earlier line, long after it, in any partition.
    case farDuplicate
    case malformed(Damage)
  }

  public let partition: Int
  /// JSON without a line feed at its end.
  public let bytes: [UInt8]
  public let kind: Kind
  /// When it happened, in milliseconds.
  public let eventTime: Int64
  /// When it arrived, in milliseconds; never less than that of the line before.
  public internal(set) var arrivalTime: Int64
}

/// Seeded synthetic traffic of a shop: lines in the order of their arrival, the same bytes for the same options.
///
///     for line in try Traffic(TrafficOptions()) { write(line.bytes, to: line.partition) }
///
/// Sessions begin by a daily curve, users and products are popular by Zipf's law, journeys go from browsing to buying.
/// Lines are made when they are asked for; memory is bounded by open sessions and lines on their way, with the tables
/// of users and products. A simulation of discrete events: one queue by time holds each session's next action and each
/// line's arrival.
public struct Traffic: Sequence, Sendable {
  public let options: TrafficOptions

  /// - Throws: `TrafficOptionsError` if an option is out of its range.
  public init(_ options: TrafficOptions) throws(TrafficOptionsError) {
    try options.check()
    self.options = options
  }

  public func makeIterator() -> TrafficIterator { TrafficIterator(options) }
}

/// The lines of a `Traffic`, one at a time.
public struct TrafficIterator: IteratorProtocol, Sendable {
  private let options: TrafficOptions
  private let writer: EventWriter
  private let users: ZipfTable
  private let products: ZipfTable
  private let curve: DailyCurve
  private let damages: [Damage]
  private var random: SeededGenerator
  private var queue = ArrivalQueue()
  private var sessions = Pool<Journey>()
  private var lines = Pool<TrafficLine>()
  private var nextSessionTime: Double
  /// Lines made so far, of which some may be on their way.
  private var madeCount = 0

  init(_ options: TrafficOptions) {
    self.options = options
    var random = SeededGenerator(seed: options.seed)
    writer = EventWriter(options, &random)
    users = ZipfTable(count: options.users > 0 ? options.users : max(100, options.eventCount / 30), shift: 20)
    products = ZipfTable(count: options.products, shift: 10)
    curve = DailyCurve(options)
    damages = Damage.allCases.filter { $0 != .tooLong || options.tooLongBytes != nil }
    nextSessionTime = Double(options.start)
    self.random = random
  }

  /// The next line to arrive, nil after `eventCount` of them. O(log n) for n open sessions and lines on their way.
  public mutating func next() -> TrafficLine? {
    while true {
      let isMaking = madeCount < options.eventCount
      if isMaking, Double(queue.nextTime ?? EventTime.distantFuture) >= nextSessionTime {
        openSession()
        continue
      }
      guard let (time, item) = queue.pop() else { return nil }
      switch item {
      case .line(let index): return lines.remove(index)
      case .session(let index): if isMaking { act(index, at: time) } else { close(index, at: time) }
      }
    }
  }
}

// Sessions.
extension TrafficIterator {
  private mutating func openSession() {
    let start = Int64(nextSessionTime)
    nextSessionTime += random.exponential() * curve.meanPause(at: start)
    let isBot = random.happens(options.botRate)
    let rank = users.sample(&random)
    // A user's place and device are functions of the user.
    var own = SeededGenerator(seed: SeededGenerator.scramble(options.seed) ^ UInt64(rank))
    let isAnonymous = options.key == .session && random.happens(options.anonymousRate)
    let journey = Journey(
      user: isAnonymous ? nil : rank, place: writer.pools.placeRanks.sample(&own),
      device: writer.pools.deviceRanks.sample(&own), campaign: writer.pools.campaignRanks.sample(&random), isBot: isBot,
      refundRate: options.refundRate, &random)
    queue.push(.session(sessions.insert(journey)), at: start)
  }

  private mutating func act(_ index: Int, at time: Int64) {
    var journey = sessions[index]
    let action = journey.act(&random)
    if action == .pageView || action == .click || action == .addToCart {
      journey.product = products.sample(&random)
      journey.quantity = random.happens(0.85) ? 1 : 2 + random.below(3)
    }
    let isOver = journey.isOver
    let line = writer.line(action, at: time, in: journey, &random)
    let partition = partition(of: journey)
    sessions[index] = journey
    send(line, at: time, to: partition, for: index)
    if isOver {
      close(index, at: time)
    } else {
      queue.push(.session(index), at: time + journey.pause(&random))
    }
  }

  /// Ends a session: what it held back arrives now.
  private mutating func close(_ index: Int, at time: Int64) {
    for held in sessions.remove(index).heldLines {
      lines[held].arrivalTime = time
      queue.push(.line(held), at: time)
    }
  }

  private func partition(of journey: Journey) -> Int {
    options.partitions == 1
      ? 0 : Int(Hash.murmur2(writer.partitionKey(of: journey).span) & 0x7FFF_FFFF) % options.partitions
  }
}

// Lines: delayed, doubled, spoilt.
extension TrafficIterator {
  private mutating func send(_ bytes: [UInt8], at time: Int64, to partition: Int, for session: Int) {
    let arrival = time + delay()
    deliver(bytes, .event, partition, time, arrival, session)
    if random.happens(options.duplicateRate) {
      deliver(bytes, .duplicate, partition, time, arrival + 1 + Int64(random.below(2000)), session)
    }
    if random.happens(options.farDuplicateRate) {
      let pause = random.within(options.farDuplicateMilliseconds / 10..<options.farDuplicateMilliseconds)
      deliver(bytes, .farDuplicate, random.below(options.partitions), time, arrival + pause, session)
    }
    if random.happens(options.malformedRate) {
      let damage = damages[random.below(damages.count)]
      let spoilt = damage.applied(to: bytes, tooLongBytes: options.tooLongBytes ?? 0, &random)
      deliver(spoilt, .malformed(damage), partition, time, arrival, session)
    }
  }

  private mutating func delay() -> Int64 {
    if random.happens(options.lateRate) { return random.within(0..<options.latenessMilliseconds) }
    if random.happens(options.disorderRate) { return random.within(0..<options.disorderMilliseconds) }
    return Int64(random.exponential() * 200)
  }

  private mutating func deliver(
    _ bytes: [UInt8], _ kind: TrafficLine.Kind, _ partition: Int, _ time: Int64, _ arrival: Int64, _ session: Int
  ) {
    guard madeCount < options.eventCount else { return }
    madeCount += 1
    let line = TrafficLine(partition: partition, bytes: bytes, kind: kind, eventTime: time, arrivalTime: arrival)
    let index = lines.insert(line)
    if options.order == .sessionEnd, kind != .farDuplicate {
      sessions[session].heldLines.append(index)
    } else {
      queue.push(.line(index), at: arrival)
    }
  }
}
