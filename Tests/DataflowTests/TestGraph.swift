import Dataflow
import Synchronization

/// What an operator under test was called with.
enum Call: Equatable, Sendable {
  case message(Int, edge: Int)
  case watermark(Int64)
  case snapshot(UInt64)
  case finish
}

/// The calls of one operator, also after it has moved to a queue.
final class Recorder: Sendable {
  private let recorded = Mutex<[Call]>([])
  var calls: [Call] { recorded.withLock { $0 } }
  var messages: [Int] { calls.compactMap { if case .message(let value, _) = $0 { value } else { nil } } }
  func record(_ call: Call) { recorded.withLock { $0.append(call) } }
}

struct TestFailure: Error, Equatable { let value: Int }

/// Records its calls and passes messages on.
final class Relay: Operator {
  let recorder = Recorder()
  private let outlet: Outlet<Int>?
  private let failsAt: Int?

  init(to outlet: Outlet<Int>? = nil, failsAt: Int? = nil) {
    self.outlet = outlet
    self.failsAt = failsAt
  }

  func process(_ input: Int, from edge: Int) throws {
    if input == failsAt { throw TestFailure(value: input) }
    recorder.record(.message(input, edge: edge))
    outlet?.send(input)
  }
  func advance(to watermark: Int64) { recorder.record(.watermark(watermark)) }
  func snapshot(at epoch: UInt64) { recorder.record(.snapshot(epoch)) }
  func finish() { recorder.record(.finish) }
}

/// Sends numbers, each with its watermark, and records where its barriers fell.
final class Numbers: Source {
  private var numbers: ArraySlice<Int>
  private let outlet: Outlet<Int>
  let pause: Atomic<Bool>
  let recorder = Recorder()

  init(_ numbers: [Int], to outlet: Outlet<Int>, isPaused: Bool = false) {
    self.numbers = numbers[...]
    self.outlet = outlet
    pause = Atomic(isPaused)
  }

  var isPaused: Bool { pause.load(ordering: .acquiring) }
  func poll() -> SourceProgress {
    guard let number = numbers.popFirst() else { return .ended }
    recorder.record(.message(number, edge: 0))
    outlet.send(number)
    outlet.send(watermark: Int64(number))
    return .advanced
  }
  func snapshot(at epoch: UInt64) { recorder.record(.snapshot(epoch)) }
  func finish() { recorder.record(.finish) }
}

/// Sources into one relay each, all into one sink.
struct Diamond {
  let graph: Graph
  let sink: Stage<Relay>
  var sources: [Numbers] = []
  var relays: [Stage<Relay>] = []

  init(_ runtime: any Runtime, _ streams: [[Int]], failsAt: Int? = nil) {
    graph = Graph(runtime: runtime)
    sink = graph.add(Relay(failsAt: failsAt), name: "sink")
    for (index, numbers) in streams.enumerated() {
      let toSink = graph.connect(to: sink)
      let relay = graph.add(Relay(to: toSink), name: "relay-\(index)", sendingOn: [toSink])
      let toRelay = graph.connect(to: relay)
      let source = Numbers(numbers, to: toRelay)
      graph.add(source, name: "source-\(index)", sendingOn: [toRelay])
      relays.append(relay)
      sources.append(source)
    }
  }
}
