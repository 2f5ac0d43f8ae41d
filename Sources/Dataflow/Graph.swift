internal import Synchronization

/// A directed acyclic graph of sources and operators, wired once and then run by a runtime.
///
/// References go one way, so that a graph that is dropped is gone with its operators: it holds its vertices, and a
/// vertex holds the outlets it sends on and the graph's `GraphControl`. An outlet knows its two ends weakly. Whoever
/// runs a graph holds it until the run has ended.
public final class Graph: Sendable {
  let control: GraphControl
  private let vertices = Mutex<[Vertex]>([])

  /// A graph that continues behind checkpoint `epoch`.
  public init(runtime: any Runtime, epoch: UInt64 = 0) {
    control = GraphControl(runtime: runtime, epoch: epoch)
  }

  /// A new edge of `capacity` credits into `receiver`, for a vertex that is added next: graphs are wired from the sink
  /// up. `credits` says how many a message takes.
  public func connect<Body: Operator>(
    to receiver: Stage<Body>, capacity: Int = 4, credits: @escaping @Sendable (Body.Input) -> Int = { _ in 1 }
  ) -> Outlet<Body.Input> {
    receiver.makeEdge(capacity: capacity, credits: credits)
  }

  /// Adds an operator that sends on `outlets`. `watermark` is where event time stood when its state was saved;
  /// `waitsForDisks` says whether its steps do, so that no other vertex may wait for them.
  public func add<Body: Operator>(
    _ body: Body, name: String, sendingOn outlets: [any AnyOutlet] = [], watermark: Int64? = nil,
    waitsForDisks: Bool = false
  ) -> Stage<Body> {
    let stage = Stage(name: name, control: control, body: body, outlets: outlets, initialWatermark: watermark)
    stage.waitsForDisks = waitsForDisks
    add(stage)
    return stage
  }

  /// Adds a source that sends on `outlets`.
  public func add<Body: Source>(_ body: Body, name: String, sendingOn outlets: [any AnyOutlet]) {
    let stage = SourceStage(name: name, control: control, body: body, outlets: outlets)
    add(stage)
  }

  private func add(_ vertex: Vertex) {
    control.vertexAdded()
    vertices.withLock { $0.append(vertex) }
  }

  /// Asks every source to put barrier `epoch` behind what it has sent. Ignored unless newer than all before.
  ///
  /// Epochs count by one; checkpoints that were asked for before another is through follow each other in order.
  public func requestCheckpoint(epoch requested: UInt64) {
    guard control.request(epoch: requested) else { return }
    wakeAll()
  }

  /// Lets every vertex look whether it can run: at the start, and after a change that no edge announces.
  public func wakeAll() {
    for vertex in allVertices { vertex.wake() }
  }

  /// Lets sources that found nothing look again. Called every few milliseconds by whoever runs a graph with such.
  public func tick() {
    for vertex in allVertices { vertex.tick() }
  }

  /// Does `work` beside the vertices' steps.
  public func aside(_ urgency: AsideUrgency, _ work: @escaping @Sendable () -> Void) {
    control.runtime.aside(urgency, work)
  }

  var allVertices: [Vertex] { vertices.withLock { $0 } }
}

/// What the vertices of a graph share without knowing the graph or each other.
final class GraphControl: Sendable {
  let runtime: any Runtime
  private let epoch: Atomic<UInt64>
  private let unfinishedVertices = Atomic(0)

  init(runtime: any Runtime, epoch: UInt64) {
    self.runtime = runtime
    self.epoch = Atomic(epoch)
  }

  /// The newest checkpoint that was asked for.
  var requestedEpoch: UInt64 { epoch.load(ordering: .acquiring) }

  /// Asks for checkpoint `requested`; false unless it is newer than all before.
  func request(epoch requested: UInt64) -> Bool {
    epoch.max(requested, ordering: .acquiringAndReleasing).oldValue < requested
  }

  func vertexAdded() { unfinishedVertices.add(1, ordering: .relaxed) }

  /// Called once by each vertex; the last one ends the run.
  func vertexFinished() {
    if unfinishedVertices.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { runtime.allFinished() }
  }
}

/// What decides when a vertex runs: Dispatch queues, or a seeded simulation.
public protocol Runtime: AnyObject, Sendable {
  /// `vertex` may have something to do.
  func wake(_ vertex: Vertex)
  /// Every vertex has finished.
  func allFinished()
  /// Does `work` beside the vertices' steps.
  func aside(_ urgency: AsideUrgency, _ work: @escaping @Sendable () -> Void)
}

/// When work beside the vertices' steps is done.
public enum AsideUrgency: Sendable, Equatable {
  /// Among the steps: somebody will wait for it.
  case soon
  /// While the processors have nothing else to do, with a rest behind it of so many times the processor time that it
  /// took.
  case whenIdle(restPerWork: Int)
}
