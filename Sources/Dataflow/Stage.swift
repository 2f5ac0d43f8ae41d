internal import Synchronization

/// Runs one operator: takes signals from its edges, combines their watermarks, aligns their barriers, passes both on.
///
/// - The operator's watermark is the least of its edges' and never falls; an edge that has not sent one yet holds it,
///   an edge that has ended no longer counts.
/// - An edge that has delivered a barrier is not read again until all others have too (aligned checkpoints, as in
///   Flink); then the operator snapshots and the barrier goes on. An edge that has ended counts as aligned.
///
/// What is asked at every step knows nothing of the messages' type: it would cost more than many a step itself.
public final class Stage<Body: Operator>: Vertex, @unchecked Sendable {
  public let body: Body
  private var edges: [EdgeState] = []
  /// The senders' side of `edges`.
  private var inlets: [Outlet<Body.Input>] = []
  /// Nil until every edge that still runs has sent a watermark.
  private(set) var watermark: Int64?
  private var aligningEpoch: UInt64?
  private var isDone = false
  private var lastEdge = 0
  /// Gets the stalls of this stage; set before the graph runs.
  public var stallMeter: StallMeter?
  private var stall = BarrierStall()
  private var snapshotCount = 0

  init(name: String, control: GraphControl, body: Body, outlets: [any AnyOutlet], initialWatermark: Int64?) {
    self.body = body
    watermark = initialWatermark
    super.init(name: name, control: control, outlets: outlets)
  }

  /// A new edge into this stage, whose sender is still to come.
  func makeEdge(capacity: Int, credits: @escaping @Sendable (Body.Input) -> Int) -> Outlet<Body.Input> {
    let outlet = Outlet(mailbox: Mailbox<Body.Input>(capacity: capacity, credits: credits), receiver: self)
    edges.append(EdgeState(load: outlet.load))
    inlets.append(outlet)
    addInlet(outlet.load)
    return outlet
  }

  override var hasWork: Bool { !isDone && edges.contains(where: \.isReady) }

  override func step(choose: (Int) -> Int) throws {
    guard !isDone, let index = edges.ready(after: lastEdge, choose: choose) else { return }
    lastEdge = index
    guard let (signal, freedCredit) = inlets[index].mailbox.pop() else { return }
    if freedCredit { inlets[index].sender?.wake() }
    guard let stallMeter else { return try handle(signal, on: index) }
    let (start, snapshotsBefore) = (stallMeter.nowNanoseconds(), snapshotCount)
    try handle(signal, on: index)
    let elapsed = stallMeter.nowNanoseconds() - start
    if let stalled = stall.add(nanoseconds: elapsed, isSnapshot: snapshotCount > snapshotsBefore) {
      stallMeter.observe(Double(stalled) / 1e9)
    }
  }

  private func handle(_ signal: Signal<Body.Input>, on index: Int) throws {
    switch signal {
    case .message(let message):
      try body.process(message, from: index)
    case .watermark(let watermark):
      assert(watermark >= edges[index].watermark ?? watermark, "a watermark fell on an edge of \(name)")
      edges[index].watermark = watermark
      try combineWatermarks()
    case .barrier(let epoch):
      assert(aligningEpoch ?? epoch == epoch, "two checkpoints overlap at \(name)")
      aligningEpoch = epoch
      edges[index].hasBarrier = true
      try completeBarrierIfAligned()
    case .end:
      edges[index].hasEnded = true
      try combineWatermarks()
      try completeBarrierIfAligned()
      if edges.allSatisfy(\.hasEnded) { try finish() }
    }
  }

  private func combineWatermarks() throws {
    guard let least = edges.leastWatermark, least > watermark ?? .min else { return }
    watermark = least
    try body.advance(to: least)
    for outlet in outlets { outlet.send(watermark: least) }
  }

  private func completeBarrierIfAligned() throws {
    guard let epoch = aligningEpoch, edges.allSatisfy({ $0.hasBarrier || $0.hasEnded }) else { return }
    try body.snapshot(at: epoch)
    snapshotCount += 1
    for outlet in outlets { outlet.send(barrier: epoch) }
    aligningEpoch = nil
    for index in edges.indices { edges[index].hasBarrier = false }
  }

  private func finish() throws {
    try body.finish()
    for outlet in outlets { outlet.sendEnd() }
    isDone = true
    control.vertexFinished()
  }
}

/// How far one edge into a stage has come.
struct EdgeState {
  let load: EdgeLoad
  var watermark: Int64?
  var hasBarrier = false
  var hasEnded = false

  init(load: EdgeLoad) { self.load = load }

  /// Whether something is there that may be read.
  var isReady: Bool { !hasBarrier && !load.isEmpty }
}

extension [EdgeState] {
  /// One of the ready edges in their order behind `last`, so that `choose` returning 0 is a round robin; nil if none
  /// is.
  fileprivate func ready(after last: Int, choose: (Int) -> Int) -> Int? {
    let readyCount = count(where: \.isReady)
    guard readyCount > 0 else { return nil }
    var skipped = choose(readyCount)
    for distance in 1...count {
      let index = (last + distance) % count
      guard self[index].isReady else { continue }
      if skipped == 0 { return index }
      skipped -= 1
    }
    return nil
  }

  /// The least watermark of the edges that still run; nil until each of them has sent one.
  fileprivate var leastWatermark: Int64? {
    var least: Int64?
    for edge in self where !edge.hasEnded {
      guard let watermark = edge.watermark else { return nil }
      least = Swift.min(least ?? watermark, watermark)
    }
    return least
  }
}

/// Runs one source: polls it, and puts barriers between its batches when a checkpoint is due.
public final class SourceStage<Body: Source>: Vertex, @unchecked Sendable {
  public let body: Body
  private var isDone = false
  private var lastEpoch: UInt64
  /// Set while the source has nothing to read; a tick clears it.
  private let isWaiting = Atomic(false)

  init(name: String, control: GraphControl, body: Body, outlets: [any AnyOutlet]) {
    self.body = body
    lastEpoch = control.requestedEpoch
    super.init(name: name, control: control, outlets: outlets)
  }

  override var hasWork: Bool {
    !isDone && (control.requestedEpoch > lastEpoch || (!body.isPaused && !isWaiting.load(ordering: .acquiring)))
  }

  override func tick() {
    isWaiting.store(false, ordering: .releasing)
    wake()
  }

  override func step(choose: (Int) -> Int) throws {
    guard !isDone else { return }
    if control.requestedEpoch > lastEpoch {
      // One by one: a source that left out an epoch which another has sent would let two checkpoints overlap.
      let epoch = lastEpoch + 1
      try body.snapshot(at: epoch)
      for outlet in outlets { outlet.send(barrier: epoch) }
      lastEpoch = epoch
    } else if !body.isPaused {
      switch try body.poll() {
      case .advanced: return
      case .waiting: isWaiting.store(true, ordering: .releasing)
      case .ended: try finish()
      }
    }
  }

  private func finish() throws {
    try body.finish()
    for outlet in outlets { outlet.sendEnd() }
    isDone = true
    control.vertexFinished()
  }
}
