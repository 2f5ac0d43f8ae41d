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
  /// The session id or user id that decides the partition, but for far duplicates; empty where there is neither.
  public let key: [UInt8]
  /// JSON without a line feed at its end.
  public let bytes: [UInt8]
  public let kind: Kind
  /// When it happened, in milliseconds.
  public let eventTime: Int64
  /// When it arrived, in milliseconds; never less than that of the line before.
  public internal(set) var arrivalTime: Int64
}

extension TrafficLine {
  /// The same bytes to the same partition.
  fileprivate func again(_ kind: Kind, arrival: Int64) -> TrafficLine {
    TrafficLine(
      partition: partition, key: key, bytes: bytes, kind: kind, eventTime: eventTime, arrivalTime: arrival)
  }

  /// The same line, later.
  fileprivate func delayed(byMilliseconds delay: Int64) -> TrafficLine {
    guard delay != 0 else { return self }
    var line = self
    line.arrivalTime += delay
    return line
  }
}

/// Seeded synthetic traffic of a shop: lines in the order of their arrival, the same bytes for the same options.
///
///     for line in try Traffic(TrafficOptions()) { write(line.bytes, to: line.partition) }
///
/// Sessions begin by a daily curve, users and products are popular by Zipf's law, journeys go from browsing to
/// buying. Lines are made when they are asked for; memory is bounded by open sessions and lines on their way, with
/// the tables of users and products. A simulation of discrete events: one queue by time holds each session's next
/// action and each line's arrival.
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
  private let steadyRate: SteadyRate?
  private let plan: ScenarioPlan
  private let damages: [Damage]
  private var random: SeededGenerator
  private var queue = ArrivalQueue()
  private var sessions = Pool<Journey>()
  private var lines = Pool<TrafficLine>()
  private var nextSessionTime: Double
  /// Lines made so far, of which some may be on their way.
  private var madeCount = 0
  /// By how much everything happens later than the options say, in milliseconds.
  private var delayMilliseconds: Int64 = 0

  init(_ options: TrafficOptions) {
    self.options = options
    var random = SeededGenerator(seed: options.seed)
    writer = EventWriter(options, &random)
    users = ZipfTable(count: options.users > 0 ? options.users : max(100, options.eventCount / 30), shift: 20)
    products = ZipfTable(count: options.products, shift: 10)
    curve = DailyCurve(options)
    steadyRate = options.linesPerSecond.map(SteadyRate.init)
    plan = ScenarioPlan(options)
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
      case .line(let index): return lines.remove(index).delayed(byMilliseconds: delayMilliseconds)
      case .session(let index): if isMaking { act(index, at: time) } else { close(index, at: time) }
      }
    }
  }

  /// Lets everything from now on happen and arrive later than planned, for live traffic that has fallen behind the
  /// clock. Lines on their way keep the time at which they happened.
  public mutating func postpone(byMilliseconds delay: Int64) { delayMilliseconds += max(0, delay) }
}

// Sessions.
extension TrafficIterator {
  private mutating func openSession() {
    let start = Int64(nextSessionTime)
    if steadyRate == nil {
      nextSessionTime += random.exponential() * curve.meanPause(at: start) / plan.rateFactor(at: start)
    }
    let fraudRate = plan.fraudRate(at: start)
    var journey = fraudRate > 0 && random.happens(fraudRate) ? fraud() : shopper(at: start)
    if steadyRate?.isWarmingUp(start - options.start) == true, !journey.isFraud {
      journey.join(&random)
      journey.product = products.sample(&random)
    }
    let index = sessions.insert(journey)
    guard steadyRate == nil else { return act(index, at: start) }
    queue.push(.session(index), at: start)
  }

  private mutating func fraud() -> Journey {
    let account = ScenarioPlan.firstFraudAccount + random.below(ScenarioPlan.fraudAccounts)
    return Journey(fraudAccount: account, places: writer.pools.places.count, &random)
  }

  private mutating func shopper(at start: Int64) -> Journey {
    let isBot = random.happens(options.botRate)
    let rank = users.sample(&random)
    // A user's place and device are functions of the user.
    var own = SeededGenerator(seed: SeededGenerator.scramble(options.seed) ^ UInt64(rank))
    let isAnonymous = options.key == .session && random.happens(options.anonymousRate)
    return Journey(
      user: isAnonymous ? nil : rank, place: writer.pools.placeRanks.sample(&own),
      device: writer.pools.deviceRanks.sample(&own),
      campaign: plan.isSale(at: start) ? 0 : writer.pools.campaignRanks.sample(&random), isBot: isBot,
      refundRate: options.refundRate, &random)
  }

  private mutating func act(_ index: Int, at time: Int64) {
    var journey = sessions[index]
    let action = journey.act(&random)
    if action == .pageView || action == .click || action == .addToCart {
      journey.product =
        journey.isFraud
        ? writer.dearestProduct : plan.isSale(at: time) ? random.below(saleProducts) : products.sample(&random)
      journey.quantity = journey.isFraud ? 5 + random.below(16) : random.happens(0.85) ? 1 : 2 + random.below(3)
    }
    let isOver = journey.isOver
    let line = writer.line(action, at: time + delayMilliseconds, in: journey, &random)
    let key = writer.partitionKey(of: journey)
    sessions[index] = journey
    send(line, key, at: time, for: index)
    if isOver {
      close(index, at: time)
    } else {
      let pause = journey.pause(&random)
      let scaled = steadyRate.map { max(1, Int64(Double(pause) * $0.pauseScale)) }
      queue.push(.session(index), at: time + (scaled ?? pause))
    }
  }

  private var saleProducts: Int { min(ScenarioPlan.saleProducts, options.products) }

  /// Ends a session: what it held back arrives now.
  private mutating func close(_ index: Int, at time: Int64) {
    for held in sessions.remove(index).heldLines {
      lines[held].arrivalTime = time
      queue.push(.line(held), at: time)
    }
  }

  private func partition(of key: [UInt8]) -> Int {
    options.partitions == 1 ? 0 : Int(Hash.murmur2(key.span) & 0x7FFF_FFFF) % options.partitions
  }
}

// Lines: delayed, doubled, spoilt.
extension TrafficIterator {
  private mutating func send(_ bytes: [UInt8], _ key: [UInt8], at time: Int64, for session: Int) {
    let arrival = time + delay()
    let event = line(bytes, .event, key, at: time, partition: partition(of: key), arrival: arrival)
    deliver(event, for: session)
    if random.happens(options.duplicateRate) {
      deliver(event.again(.duplicate, arrival: arrival + 1 + Int64(random.below(2000))), for: session)
    }
    if random.happens(options.farDuplicateRate) {
      let pause = random.within(options.farDuplicateMilliseconds / 10..<options.farDuplicateMilliseconds)
      let partition = random.below(options.partitions)
      deliver(line(bytes, .farDuplicate, key, at: time, partition: partition, arrival: arrival + pause), for: session)
    }
    if random.happens(options.malformedRate) {
      let damage = damages[random.below(damages.count)]
      let spoilt = damage.applied(to: bytes, tooLongBytes: options.tooLongBytes ?? 0, &random)
      deliver(
        line(spoilt, .malformed(damage), key, at: time, partition: event.partition, arrival: arrival), for: session)
    }
  }

  private func line(
    _ bytes: [UInt8], _ kind: TrafficLine.Kind, _ key: [UInt8], at time: Int64, partition: Int, arrival: Int64
  ) -> TrafficLine {
    TrafficLine(
      partition: partition, key: key, bytes: bytes, kind: kind, eventTime: time + delayMilliseconds,
      arrivalTime: arrival)
  }

  private mutating func delay() -> Int64 {
    if random.happens(options.lateRate) { return random.within(0..<options.latenessMilliseconds) }
    if random.happens(options.disorderRate) { return random.within(0..<options.disorderMilliseconds) }
    return Int64(random.exponential() * 200)
  }

  private mutating func deliver(_ line: TrafficLine, for session: Int) {
    guard madeCount < options.eventCount else { return }
    madeCount += 1
    let time = line.eventTime - delayMilliseconds
    if let steadyRate {
      nextSessionTime = steadyRate.due(after: nextSessionTime, madeAt: time, rateFactor: plan.rateFactor(at: time))
    }
    let line = line.again(line.kind, arrival: plan.arrival(at: line.arrivalTime, partition: line.partition))
    let index = lines.insert(line)
    if options.order == .sessionEnd, line.kind != .farDuplicate {
      sessions[session].heldLines.append(index)
    } else {
      queue.push(.line(index), at: line.arrivalTime)
    }
  }
}
