import Dataflow
import HotIndex
import TestSupport
import Windows

/// A merger with its hot index, and beside them every event, to count again.
struct PublisherTrial {
  struct Event {
    let time: Int64
    let group: GroupValues
    let session: UInt64
    let amount: Int128
  }

  static let measures = [
    Measure("events", .count, of: .all), Measure("sessions", .distinct(.session), of: .all),
    Measure("revenue", .amount, of: .all),
  ]
  private static let currency = Array("EUR".utf8)

  let rollup: Rollup
  private(set) var hot: HotIndex
  private(set) var merger: Merger
  var committedEpoch: UInt64 = 0
  /// Windows that changed when they were final already.
  private(set) var amended: Set<HotKey> = []
  private(set) var checkedWindows = 0

  private let lateness: Int64
  private let retention: Int64
  private let place: Place
  private var random: SeededRandom
  private var events: [Event] = []
  private var watermark = Int64.min
  private var shownWatermark = Int64.min
  private var epoch: UInt64 = 0
  private var amendedBefore: [UInt64: Set<HotKey>] = [:]
  private var watermarkBefore: [UInt64: Int64] = [:]
  private var newestTime = Int64.min
  /// Windows that changed after their end. Informational, and so forgotten by an engine that comes back.
  private var corrected: Set<HotKey> = []
  /// Windows that were final when the engine came back.
  private var stored: Set<HotKey> = []

  /// Where a merger's rows go: kept, since an outlet keeps nobody.
  private struct Place {
    let graph = Graph(runtime: SimulationRuntime(seed: 1))
    let checkpoints = CheckpointCollector()
    let table: RollupTable
    let lateness: Int64

    func merger() -> Merger {
      let sink = graph.add(Ignored(), name: "sink")
      return Merger(
        tables: [table], allowedLatenessMilliseconds: lateness, sink: graph.connect(to: sink), checkpoints: checkpoints,
        publishes: true)
    }
  }

  init(rollup: Rollup, lateness: Int64, retention: Int64 = 1_000_000, seed: UInt64 = 1) {
    self.rollup = rollup
    self.lateness = lateness
    self.retention = retention
    random = SeededRandom(seed: seed)
    place = Place(table: RollupTable(rollup, distinctExactLimit: 100), lateness: lateness)
    merger = place.merger()
    hot = Self.index(lateness, retention)
  }

  private static func index(_ lateness: Int64, _ retention: Int64) -> HotIndex {
    HotIndex(rollups: ["kpi"], allowedLatenessMilliseconds: lateness, retentionMilliseconds: retention)
  }

  init(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let shape = random.choose([
      WindowShape.tumbling(size: 60), .hopping(size: 60, slide: 20), .hopping(size: 50, slide: 20),
      .hopping(size: 30, slide: 40),
    ])
    let rollup = Rollup(name: "kpi", shape: shape, groupBy: ["country"], measures: Self.measures)
    // Even where windows are to be kept for no time at all, they are until a commit has them.
    self.init(
      rollup: rollup, lateness: random.choose([0, 30, 100]), retention: random.choose([0, 70, 1_000_000]), seed: seed)
  }
}

// What happens.
extension PublisherTrial {
  mutating func act() throws {
    switch Int.random(in: 0..<20, using: &random) {
    case 0..<12:
      let now = max(0, watermark)
      let late = Int.random(in: 0..<3, using: &random) == 0 ? Int64.random(in: 0...250, using: &random) : 0
      let time = max(1, now + Int64.random(in: 0...80, using: &random) - late)
      add(at: time, group: [random.choose([nil, Array("DE".utf8), Array("FR".utf8)])])
    case 12..<16: advance(to: max(0, watermark) + Int64.random(in: 1...40, using: &random))
    case 16..<18:
      epoch += 1
      barrier()
    case 18: committedEpoch = epoch
    default: try comeBack()
    }
  }

  mutating func add(at time: Int64, group: GroupValues) {
    let event = Event(
      time: time, group: group, session: UInt64.random(in: 0..<9, using: &random),
      amount: Int128(Int64.random(in: -5...500, using: &random)))
    for window in rollup.shape.windows(containing: time) {
      let key = HotKey(rollup: "kpi", window: window, group: group)
      if isPast(window.upperBound + lateness) { amended.insert(key) }
      if isPast(window.upperBound) { corrected.insert(key) }
    }
    // A slide greater than the size leaves some times to no window; an aggregator sends nothing for those.
    guard !rollup.shape.windows(containing: time).isEmpty else { return }
    events.append(event)
    newestTime = max(newestTime, time)
    var value = PartialAggregate(Self.measures, distinctExactLimit: 100)
    value.eventCount = 1
    value.counts[0] = 1
    value.distincts[0].insert(event.session)
    value.amounts[0].add(event.amount, currency: Self.currency)
    merger.process(
      [WindowPartial(rollup: 0, key: PaneKey(pane: rollup.shape.pane(containing: time), group: group), value: value)],
      from: 0)
  }

  mutating func advance(to watermark: Int64) {
    self.watermark = watermark
    merger.advance(to: watermark)
  }

  private func isPast(_ time: Int64) -> Bool { watermark >= time }

  private mutating func barrier() {
    merger.snapshot(at: epoch)
    amendedBefore[epoch] = amended
    watermarkBefore[epoch] = watermark
  }

  /// The engine stops in order and continues from its commit. What was final by then is for the store.
  private mutating func comeBack() throws {
    epoch += 1
    barrier()
    committedEpoch = epoch
    guard case .state(let snapshot)? = place.checkpoints.take(epoch: epoch).states[Merger.name] else { return }
    merger = place.merger()
    try merger.restore(from: snapshot.bytes())
    hot = Self.index(lateness, retention)
    shownWatermark = watermark
    corrected = []
    stored = Set(plainWindows().keys.filter { isPast($0.window.upperBound + lateness) })
  }
}

// What readers see.
extension PublisherTrial {
  /// Publishes as the engine does, then compares; says what is wrong.
  mutating func publish() -> String? {
    // The index may hear of the watermark before the merger does.
    let ahead = Int.random(in: 0..<4, using: &random) == 0 ? Int64.random(in: 0...50, using: &random) : 0
    if watermark > .min { shownWatermark = max(shownWatermark, watermark + ahead) }
    let gone = merger.takeAmended(upTo: committedEpoch)
    let shown = shownWatermark == .min ? nil : shownWatermark
    hot.publish(
      merger.takeChanges(), removing: gone, watermark: shown,
      newestEventTime: newestTime == .min ? nil : newestTime, storedEnd: storedEnd)
    return difference()
  }

  /// Windows that end by it are sealed in the newest commit.
  private var storedEnd: Int64 {
    let watermark = watermarkBefore[committedEpoch] ?? .min
    return watermark == .min ? .min : watermark - lateness
  }

  private mutating func difference() -> String? {
    let found = hot.snapshot.rollups["kpi"]?.windows(overlapping: -1_000..<1_000_000) ?? []
    let byKey = Dictionary(
      uniqueKeysWithValues: found.map { (HotKey(rollup: "kpi", window: $0.window, group: $0.group), $0) })
    let committed = amendedBefore.filter { $0.key <= committedEpoch }.values.reduce(into: Set()) { $0.formUnion($1) }
    if let late = committed.first(where: { byKey[$0] != nil }) { return "\(late) is amended and still there" }
    for (key, events) in plainWindows() where !amended.contains(key) && !stored.contains(key) {
      checkedWindows += 1
      guard let window = byKey[key] else {
        if key.window.upperBound <= storedEnd { continue }
        return "\(key) is not there, and no commit has it"
      }
      if let difference = difference(window, events, key) { return "\(key): \(difference)" }
    }
    return nil
  }

  private func plainWindows() -> [HotKey: [Event]] {
    var windows: [HotKey: [Event]] = [:]
    for event in events {
      for window in rollup.shape.windows(containing: event.time) {
        windows[HotKey(rollup: "kpi", window: window, group: event.group), default: []].append(event)
      }
    }
    return windows
  }

  private func difference(_ window: HotWindow, _ events: [Event], _ key: HotKey) -> String? {
    let count = Int64(events.count)
    let amounts = [HotAmount(currency: Self.currency, amount: events.reduce(0) { $0 + $1.amount })]
    guard window.eventCount == count, window.counts == [count] else {
      return "\(window.eventCount) events, not \(count)"
    }
    guard window.distincts == [Int64(Set(events.map(\.session)).count)] else {
      return "sessions \(window.distincts ?? [])"
    }
    guard window.amounts == [amounts] else { return "amounts \(window.amounts), not \(amounts)" }
    let status = status(of: key)
    return window.status == status ? nil : "is \(window.status), not \(status), at \(shownWatermark)"
  }

  private func status(of key: HotKey) -> HotStatus {
    let end = key.window.upperBound
    if shownWatermark >= end + lateness { return .final }
    if corrected.contains(key) { return .revised }
    return shownWatermark >= end ? .onTime : .open
  }
}

/// A sink that wants nothing.
private final class Ignored: Operator {
  func process(_ input: SinkMessage, from edge: Int) {}
  func advance(to watermark: Int64) {}
  func snapshot(at epoch: UInt64) {}
  func finish() {}
}
