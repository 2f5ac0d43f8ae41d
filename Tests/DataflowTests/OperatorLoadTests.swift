import Dispatch
import Synchronization
import Testing

@testable import Dataflow

@Suite struct OperatorLoadTests {
  /// A clock that a test sets.
  private final class Clock: Sendable {
    let seconds = Atomic<UInt64>(100)
    func advance(_ count: UInt64) { seconds.add(count, ordering: .relaxed) }
    var meter: ActivityMeter { ActivityMeter { self.seconds.load(ordering: .relaxed) * 1_000_000_000 } }
  }

  @Test func eachSecondBelongsToOneActivity() {
    let clock = Clock()
    let meter = clock.meter
    clock.advance(50)
    #expect(meter.seconds == [0, 0, 0, 0], "what was before the first turn is nobody's")
    meter.scheduled()
    clock.advance(1)
    meter.turnBegan()
    clock.advance(2)
    // A signal that comes during a turn does not end it.
    meter.scheduled()
    clock.advance(3)
    meter.turnEnded(.backPressured)
    clock.advance(10)
    meter.scheduled()
    meter.turnBegan()
    meter.turnEnded(.idle)
    clock.advance(20)
    #expect(meter.seconds == [5, 1, 10, 20])
    clock.advance(1)
    #expect(meter.seconds == [5, 1, 10, 21], "a stretch that is not over counts")
  }

  @Test func activitiesHaveNamesForLabels() {
    #expect(OperatorActivity.allCases.map(\.name) == ["busy", "waiting", "back_pressured", "idle"])
    #expect(OperatorActivity.allCases.map(\.rawValue) == [0, 1, 2, 3])
  }

  /// Takes a millisecond for each message.
  private final class SlowSink: Operator {
    static let stepNanoseconds: UInt64 = 1_000_000
    func process(_ input: Int, from edge: Int) {
      let end = DispatchTime.now().uptimeNanoseconds + SlowSink.stepNanoseconds
      while DispatchTime.now().uptimeNanoseconds < end {}
    }
    func advance(to watermark: Int64) {}
    func snapshot(at epoch: UInt64) {}
    func finish() {}
  }

  /// The slow operator is busy, all before it are held back.
  @Test func aSlowSinkShowsWhereItIs() throws {
    let messageCount = 150
    let runtime = DispatchRuntime()
    let graph = Graph(runtime: runtime)
    let sink = graph.add(SlowSink(), name: "sink")
    let toSink = graph.connect(to: sink)
    let relay = graph.add(Relay(to: toSink), name: "relay", sendingOn: [toSink])
    let toRelay = graph.connect(to: relay)
    let source = Numbers(Array(1...messageCount), to: toRelay)
    graph.add(source, name: "source", sendingOn: [toRelay])
    let start = DispatchTime.now().uptimeNanoseconds
    graph.wakeAll()
    var deepest: [String: Int] = [:]
    while try !runtime.wait(timeoutMilliseconds: 5) {
      for load in graph.operatorLoads { deepest[load.name] = max(deepest[load.name] ?? 0, load.queuedCredits) }
    }
    let elapsed = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    let loads = Dictionary(uniqueKeysWithValues: graph.operatorLoads.map { ($0.name, $0) })
    func seconds(_ name: String, _ activity: OperatorActivity) -> Double {
      loads[name]?.seconds[activity.rawValue] ?? 0
    }
    let work = Double(messageCount) * Double(SlowSink.stepNanoseconds) / 1e9
    #expect(seconds("sink", .busy) >= 0.95 * work)
    for name in ["relay", "source"] {
      #expect(seconds(name, .backPressured) > 0.5 * work, "\(loads)")
      #expect(seconds(name, .busy) < 0.5 * work, "\(loads)")
    }
    for load in loads.values { #expect(load.seconds.reduce(0, +) <= elapsed + 0.05, "\(load)") }
    #expect(loads["source"]?.queueCapacity == 0 && loads["relay"]?.queueCapacity == 4)
    #expect(deepest["sink"] ?? 0 >= 3, "\(deepest)")
  }
}
