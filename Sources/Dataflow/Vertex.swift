internal import Synchronization

/// A node of the running graph: an operator or a source with its edges.
///
/// `@unchecked Sendable`: a vertex's own state is touched only while it runs, and its runtime runs it on one queue (or
/// simulation step) at a time; what others touch is atomic or behind a mutex.
public class Vertex: @unchecked Sendable {
  public let name: String
  let control: GraphControl
  /// Set while a run of this vertex is queued.
  let isScheduled = Atomic(false)
  let outlets: [any AnyOutlet]
  /// Of `outlets`.
  private let loads: [EdgeLoad]
  /// Whether its steps wait for disks; set before the graph runs.
  final var waitsForDisks = false
  /// Of the edges that lead here; complete before the graph runs.
  final private(set) var inletLoads: [EdgeLoad] = []
  let activities = ActivityMeter()

  init(name: String, control: GraphControl, outlets: [any AnyOutlet]) {
    self.name = name
    self.control = control
    self.outlets = outlets
    loads = outlets.map(\.load)
    for outlet in outlets { outlet.sender = self }
  }

  /// Whether there is something to do, room for what comes of it or not.
  var hasWork: Bool { false }

  /// Whether a step could be taken now.
  final var isRunnable: Bool { canEmit && hasWork }

  /// Takes one step; `choose` picks among that many ready edges.
  func step(choose: (Int) -> Int) throws {}

  /// Time has passed: whoever waited for something outside the graph may look again.
  func tick() {}

  /// Asks for a run: there may be something to do.
  public final func wake() { control.runtime.wake(self) }

  final var canEmit: Bool { loads.allSatisfy(\.hasRoom) }

  final func addInlet(_ load: EdgeLoad) { inletLoads.append(load) }

  /// What it does from the end of a turn on. On its queue.
  final var activityBetweenTurns: OperatorActivity {
    if isScheduled.load(ordering: .acquiring) { return .waiting }
    return hasWork && !canEmit ? .backPressured : .idle
  }
}

/// The sending side of an edge.
///
/// It keeps neither end alive: the graph does. A signal to a receiver that is gone, in a run that was given up while a
/// queue still worked on it, is lost like all the rest of that run.
public final class Outlet<Message: Sendable>: AnyOutlet {
  let mailbox: Mailbox<Message>
  private weak var receiver: Vertex?
  /// Set when the sender is added to the graph.
  public weak var sender: Vertex?

  init(mailbox: Mailbox<Message>, receiver: Vertex) {
    self.mailbox = mailbox
    self.receiver = receiver
  }

  /// Sends `message`; never blocks (see `Mailbox` for why memory stays bounded).
  public func send(_ message: Message) { push(.message(message)) }
  /// Tells the receiver that nothing on time before `watermark` follows on this edge.
  public func send(watermark: Int64) { push(.watermark(watermark)) }

  public func send(barrier epoch: UInt64) { push(.barrier(epoch)) }
  public func sendEnd() { push(.end) }
  public var load: EdgeLoad { mailbox.load }

  private func push(_ signal: Signal<Message>) {
    mailbox.push(signal)
    receiver?.wake()
  }
}

/// What every outlet can carry, whatever its messages are.
public protocol AnyOutlet: AnyObject {
  /// Of its edge.
  var load: EdgeLoad { get }
  /// Tells the receiver that nothing on time before `watermark` follows.
  func send(watermark: Int64)
  /// Puts a checkpoint's barrier behind what was sent.
  func send(barrier epoch: UInt64)
  /// Nothing follows.
  func sendEnd()
  /// The vertex that sends here; told when a credit comes back.
  var sender: Vertex? { get set }
}
