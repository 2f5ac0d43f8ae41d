import Dataflow
import Dispatch
import Synchronization
import Testing

@Suite struct AsideTaskTests {
  @Test func thereIsNoResultBeforeItWasDone() throws {
    let task = AsideTask { 7 }
    #expect(task.result == nil)
    task.run()
    #expect(try task.result?.get() == 7)
    #expect(try task.value() == 7)
  }

  @Test func whatNobodyHasBegunIsDoneByWhoWantsTheValue() throws {
    #expect(try AsideTask { "done" }.value() == "done")
  }

  @Test func anErrorIsTheResult() {
    let task = AsideTask<Int> { throw TestFailure(value: 3) }
    task.run()
    #expect(throws: TestFailure(value: 3)) { try task.result?.get() }
    #expect(throws: TestFailure(value: 3)) { try task.value() }
  }

  /// Many who run it and many who wait: the work is done once.
  @Test func theWorkIsDoneOnce() throws {
    let count = Mutex(0)
    let task = AsideTask {
      count.withLock { count in
        count += 1
        return count
      }
    }
    let values = Mutex<[Int]>([])
    DispatchQueue.concurrentPerform(iterations: 64) { index in
      if index.isMultiple(of: 2) { task.run() }
      if let value = try? task.value() { values.withLock { $0.append(value) } }
    }
    #expect(values.withLock { $0 } == [Int](repeating: 1, count: 64))
  }

  /// The simulation does it some time, but before it finds that nothing can go on.
  @Test func theSimulationDoesWhatIsAside() throws {
    let runtime = SimulationRuntime(seed: 5)
    let graph = Graph(runtime: runtime)
    let task = AsideTask { 1 }
    graph.aside(.soon) { task.run() }
    guard case .stuck = try runtime.run(graph) else {
      Issue.record("a graph without vertices can take a step")
      return
    }
    #expect(task.result != nil)
  }
}
