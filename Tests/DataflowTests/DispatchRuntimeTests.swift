import Dispatch
import Foundation
import Glibc
import Synchronization
import Testing

@testable import Dataflow

@Suite struct DispatchRuntimeTests {
  /// Keeps its thread until it is let go, as a disk does.
  private final class Blocked: Operator {
    let isLetGo = DispatchSemaphore(value: 0)

    func process(_ input: Int, from edge: Int) {
      isLetGo.wait()
      isLetGo.signal()
    }
    func advance(to watermark: Int64) {}
    func snapshot(at epoch: UInt64) {}
    func finish() {}
  }

  /// As many vertices as there are workers wait for disks, and another one comes to its end nevertheless.
  @Test func whoWaitsForDisksKeepsNobodyFromWorking() throws {
    let runtime = DispatchRuntime()
    let graph = Graph(runtime: runtime)
    let blocked = (0..<ProcessInfo.processInfo.activeProcessorCount + 2).map { index in
      let stage = graph.add(Blocked(), name: "blocked-\(index)", waitsForDisks: true)
      let edge = graph.connect(to: stage)
      graph.add(Numbers([1, 2], to: edge), name: "blocked-source-\(index)", sendingOn: [edge])
      return stage.body
    }
    let sink = graph.add(Relay(), name: "sink")
    let edge = graph.connect(to: sink)
    graph.add(Numbers(Array(1...100), to: edge), name: "source", sendingOn: [edge])
    let recorder = sink.body.recorder
    graph.wakeAll()
    let deadline = ContinuousClock.now + .seconds(30)
    while recorder.calls.last != .finish, ContinuousClock.now < deadline {
      #expect(try !runtime.wait(timeoutMilliseconds: 5))
    }
    #expect(recorder.messages == Array(1...100) && recorder.calls.last == .finish)
    for body in blocked { body.isLetGo.signal() }
    #expect(try runtime.wait(timeoutMilliseconds: 30_000))
  }

  @Test func whatMayWaitIsDoneInOrderByAThreadThatGivesWay() {
    let runtime = DispatchRuntime()
    let graph = Graph(runtime: runtime)
    let done = DispatchSemaphore(value: 0)
    let seen = Mutex<[Int]>([])
    let policies = Mutex<Set<Int32>>([])
    for number in 0..<100 {
      graph.aside(.whenIdle(restPerWork: 0)) {
        policies.withLock { _ = $0.insert(sched_getscheduler(0)) }
        seen.withLock { $0.append(number) }
        if number == 99 { done.signal() }
      }
    }
    #expect(done.wait(timeout: .now() + 60) == .success)
    #expect(seen.withLock { $0 } == Array(0..<100))
    // SCHED_IDLE, which the module of the C library leaves out.
    #expect(policies.withLock { $0 } == [5])
    graph.aside(.soon) { done.signal() }
    #expect(done.wait(timeout: .now() + 60) == .success)
  }

  @Test func theThreadRestsSoManyTimesAsLongAsItWorks() {
    let thread = IdleThread()
    let done = DispatchSemaphore(value: 0)
    let turns = Mutex<[Range<ContinuousClock.Instant>]>([])
    for _ in 0..<5 {
      thread.async(restPerWork: 4) {
        let start = ContinuousClock.now
        // Five milliseconds of its own time, however long others keep it from working.
        let end = Self.processorSeconds + 0.005
        while Self.processorSeconds < end {}
        turns.withLock { $0.append(start..<ContinuousClock.now) }
        done.signal()
      }
    }
    for _ in 0..<5 { #expect(done.wait(timeout: .now() + 60) == .success) }
    let ended = turns.withLock { $0 }
    #expect(zip(ended, ended.dropFirst()).allSatisfy { $1.lowerBound - $0.upperBound >= .milliseconds(20) })
  }

  /// What this thread has taken of the processors.
  private static var processorSeconds: Double {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// What was given is done, also where nobody holds the thread any more.
  @Test func aThreadThatIsLetGoEndsBehindItsWork() {
    let done = DispatchSemaphore(value: 0)
    do {
      let thread = IdleThread()
      for _ in 0..<10 { thread.async { done.signal() } }
    }
    for _ in 0..<10 { #expect(done.wait(timeout: .now() + 60) == .success) }
  }
}
