internal import Synchronization

/// Runs one operator: takes signals from its edges, combines their watermarks, aligns their barriers, passes both on.
///
/// - The operator's watermark is the least of its edges' and never falls; an edge that has not sent one yet holds it,
///   an edge that has ended no longer counts.
/// - An edge that has delivered a barrier is not read again until all others have too (aligned checkpoints, as in
///   Flink); then the operator snapshots and the barrier goes on. An edge that has ended counts as aligned.
public final class Stage<Body: Operator>: Vertex, @unchecked Sendable {
  private struct Edge {
    let outlet: Outlet<Body.Input>
    var watermark: Int64?
    var hasBarrier = false
    var hasEnded = false
  }

  public let body: Body
  private var edges: [Edge] = []
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
  func makeEdge(capacity: Int) -> Outlet<Body.Input> {
    let outlet = Outlet(mailbox: Mailbox<Body.Input>(capacity: capacity), receiver: self)
    edges.append(Edge(outlet: outlet, watermark: nil))
    return outlet
  }

  override var isRunnable: Bool { !isDone && canEmit && edges.contains { isReady($0) } }

  override func step(choose: (Int) -> Int) throws {
    let ready = edges.indices.filter { isReady(edges[$0]) }
    guard !isDone, !ready.isEmpty else { return }
    // Turning the list makes `choose` returning 0 a round robin.
    let pivot = ready.firstIndex { $0 > lastEdge } ?? 0
    let index = ready[(pivot + choose(ready.count)) % ready.count]
    lastEdge = index
    guard let (signal, freedCredit) = edges[index].outlet.mailbox.pop() else { return }
    if freedCredit { edges[index].outlet.sender?.wake() }
    guard let stallMeter else { return try handle(signal, on: index) }
    let (start, snapshotsBefore) = (stallMeter.nowNanoseconds(), snapshotCount)
    try handle(signal, on: index)
    let elapsed = stallMeter.nowNanoseconds() - start
    if let stalled = stall.add(nanoseconds: elapsed, isSnapshot: snapshotCount > snapshotsBefore) {
      stallMeter.observe(Double(stalled) / 1e9)
    }
  }

  private func isReady(_ edge: Edge) -> Bool { !edge.hasBarrier && !edge.outlet.mailbox.isEmpty }

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
    let running = edges.filter { !$0.hasEnded }
    guard !running.isEmpty, running.allSatisfy({ $0.watermark != nil }) else { return }
    let least = running.reduce(Int64.max) { min($0, $1.watermark ?? .max) }
    guard least > watermark ?? .min else { return }
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

  override var isRunnable: Bool {
    !isDone && canEmit
      && (control.requestedEpoch > lastEpoch || (!body.isPaused && !isWaiting.load(ordering: .acquiring)))
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
