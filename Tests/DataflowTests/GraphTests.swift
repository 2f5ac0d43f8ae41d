import Synchronization
import TestSupport
import Testing

@testable import Dataflow

@Suite struct GraphTests {
  private static let streams = [Array(1...40), Array(101...120), Array(stride(from: 5, through: 300, by: 7))]

  @Test func mailboxIsBoundedAndInOrder() {
    let mailbox = Mailbox<Int>(capacity: 3)
    #expect(mailbox.load.isEmpty && mailbox.load.hasRoom)
    for round in 0..<20 {
      for value in 0..<3 { mailbox.push(.message(round * 3 + value)) }
      #expect(!mailbox.load.hasRoom)
      for value in 0..<3 {
        guard case (.message(let popped), let freedCredit)? = mailbox.pop() else {
          Issue.record("the mailbox is empty")
          return
        }
        #expect(popped == round * 3 + value && freedCredit == (value == 0))
      }
      #expect(mailbox.load.isEmpty && mailbox.pop() == nil)
    }
  }

  @Test func messagesTakeAsManyCreditsAsTheyAreWorth() {
    let mailbox = Mailbox<Int>(capacity: 10) { $0 }
    for message in [3, 0, 5] { mailbox.push(.message(message)) }
    mailbox.push(.watermark(1000))
    #expect(mailbox.load.count == 10 && !mailbox.load.hasRoom, "a signal takes one credit at least")
    mailbox.push(.message(20))
    let freed = (0..<5).map { _ in mailbox.pop()?.freedCredit }
    // Thirty credits are taken; with the last message's twenty more than there are, they are free when that goes.
    #expect(freed == [false, false, false, false, true] && mailbox.load.isEmpty)
  }

  /// Everything arrives once and in order, time never falls, and a checkpoint is the same cut everywhere.
  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func checkpointsCutConsistently(seed: UInt64) throws {
    let runtime = SimulationRuntime(seed: seed)
    let diamond = Diamond(runtime, Self.streams)
    var random = SeededRandom(seed: seed)
    var epoch: UInt64 = 0
    while case .stepped = try runtime.step(diamond.graph) {
      if epoch < 5, random.next() % 30 == 0 {
        epoch += 1
        diamond.graph.requestCheckpoint(epoch: epoch)
      }
      for edge in diamond.graph.allVertices.flatMap(\.outlets) {
        guard let outlet = edge as? Outlet<Int> else { continue }
        // A step is taken with a credit left and sends at most two signals.
        #expect(outlet.load.count <= outlet.load.capacity + 1)
      }
    }
    let calls = diamond.sink.body.recorder.calls
    #expect(calls.last == .finish)
    #expect(diamond.sink.body.recorder.messages.sorted() == Self.streams.flatMap { $0 }.sorted())
    for (index, numbers) in Self.streams.enumerated() {
      let arrived = calls.compactMap { call -> Int? in
        if case .message(let value, index) = call { value } else { nil }
      }
      #expect(arrived == numbers)
    }
    let watermarks = calls.compactMap { if case .watermark(let watermark) = $0 { watermark } else { nil } }
    #expect(zip(watermarks, watermarks.dropFirst()).allSatisfy { $0 < $1 })
    let taken = calls.compactMap { if case .snapshot(let epoch) = $0 { epoch } else { nil } }
    #expect(taken == Array(taken.indices.map { UInt64($0) + 1 }))
    for epoch in taken { expectCut(diamond, calls, epoch) }
  }

  /// What the sink had seen at its snapshot is what each source had sent at its own.
  private func expectCut(_ diamond: Diamond, _ calls: [Call], _ epoch: UInt64) {
    let seen = calls.prefix { $0 != .snapshot(epoch) }
    for (index, source) in diamond.sources.enumerated() {
      let sent = source.recorder.calls.prefix { $0 != .snapshot(epoch) }.count {
        if case .message = $0 { true } else { false }
      }
      #expect(seen.count { if case .message(_, index) = $0 { true } else { false } } == sent)
    }
  }

  /// The watermark is the least of the edges that still run, and waits for each to have one.
  @Test func watermarkIsTheLeastOfTheEdges() throws {
    let graph = Graph(runtime: SimulationRuntime(seed: 1))
    let stage = graph.add(Relay(), name: "sink")
    let (left, right) = (graph.connect(to: stage), graph.connect(to: stage))
    func drain() throws { while stage.isRunnable { try stage.step { _ in 0 } } }
    left.send(watermark: 10)
    try drain()
    #expect(stage.body.recorder.calls.isEmpty)
    right.send(watermark: 4)
    try drain()
    left.send(watermark: 20)
    right.send(watermark: 4)
    try drain()
    #expect(stage.body.recorder.calls == [.watermark(4)])
    right.sendEnd()
    try drain()
    #expect(stage.body.recorder.calls == [.watermark(4), .watermark(20)])
  }

  /// An edge behind its barrier is not read until the others have theirs; one that ends counts as having it.
  @Test func barriersAlign() throws {
    let graph = Graph(runtime: SimulationRuntime(seed: 1))
    let stage = graph.add(Relay(), name: "sink")
    let outlets = (0..<3).map { _ in graph.connect(to: stage) }
    func drain() throws { while stage.isRunnable { try stage.step { _ in 0 } } }
    outlets[0].send(barrier: 1)
    outlets[0].send(100)
    outlets[1].send(1)
    outlets[1].send(barrier: 1)
    try drain()
    #expect(stage.body.recorder.calls == [.message(1, edge: 1)])
    outlets[2].send(2)
    outlets[2].sendEnd()
    try drain()
    #expect(
      stage.body.recorder.calls
        == [.message(1, edge: 1), .message(2, edge: 2), .snapshot(1), .message(100, edge: 0)])
  }

  @Test func pausedSourcesTakePartInCheckpoints() throws {
    let runtime = SimulationRuntime(seed: 3)
    let graph = Graph(runtime: runtime)
    let sink = graph.add(Relay(), name: "sink")
    let outlet = graph.connect(to: sink)
    let source = Numbers([1], to: outlet, isPaused: true)
    graph.add(source, name: "source", sendingOn: [outlet])
    guard case .stuck = try runtime.run(graph) else {
      Issue.record("a paused source ran")
      return
    }
    // Two at once: each gets its barrier.
    graph.requestCheckpoint(epoch: 1)
    graph.requestCheckpoint(epoch: 2)
    _ = try runtime.run(graph)
    #expect(sink.body.recorder.calls == [.snapshot(1), .snapshot(2)])
    source.pause.store(false, ordering: .releasing)
    guard case .finished = try runtime.run(graph) else {
      Issue.record("the graph did not finish")
      return
    }
    #expect(sink.body.recorder.messages == [1])
  }

  @Test func aSeedIsAnInterleaving() throws {
    func calls(_ seed: UInt64) throws -> [Call] {
      let runtime = SimulationRuntime(seed: seed)
      let diamond = Diamond(runtime, Self.streams)
      _ = try runtime.run(diamond.graph)
      return diamond.sink.body.recorder.calls
    }
    #expect(try calls(7) == calls(7))
    #expect(try calls(7) != calls(8))
  }

  @Test func dispatchDeliversTheSame() throws {
    let runtime = DispatchRuntime()
    let diamond = Diamond(runtime, Self.streams)
    diamond.graph.wakeAll()
    #expect(try runtime.wait(timeoutMilliseconds: 60_000))
    #expect(diamond.sink.body.recorder.messages.sorted() == Self.streams.flatMap { $0 }.sorted())
    for relay in zip(diamond.relays, Self.streams) { #expect(relay.0.body.recorder.messages == relay.1) }
  }

  @Test func anErrorStopsTheRun() {
    #expect(throws: TestFailure(value: 110)) {
      let runtime = SimulationRuntime(seed: 1)
      _ = try runtime.run(Diamond(runtime, Self.streams, failsAt: 110).graph)
    }
    let runtime = DispatchRuntime()
    let diamond = Diamond(runtime, Self.streams, failsAt: 110)
    diamond.graph.wakeAll()
    #expect(throws: TestFailure(value: 110)) { _ = try runtime.wait(timeoutMilliseconds: 60_000) }
    #expect(!diamond.sink.body.recorder.calls.contains(.finish))
  }

  /// Nothing in a graph keeps the graph: finished or given up, it goes with its last user.
  @Test(arguments: [0, 25, .max])
  func aDroppedGraphIsGone(steps: Int) throws {
    let runtime = SimulationRuntime(seed: 5)
    weak var graph: Graph?
    weak var sink: Relay?
    weak var source: Numbers?
    do {
      let diamond = Diamond(runtime, Self.streams)
      (graph, sink, source) = (diamond.graph, diamond.sink.body, diamond.sources[0])
      var taken = 0
      while taken < steps, case .stepped = try runtime.step(diamond.graph) { taken += 1 }
      #expect(graph != nil && sink != nil && source != nil)
      #expect((diamond.sink.body.recorder.calls.last == .finish) == (steps == .max))
    }
    #expect(graph == nil && sink == nil && source == nil)
  }

  @Test func aGraphThatRanOnQueuesIsGone() throws {
    let runtime = DispatchRuntime()
    weak var graph: Graph?
    do {
      let diamond = Diamond(runtime, Self.streams)
      graph = diamond.graph
      diamond.graph.wakeAll()
      #expect(try runtime.wait(timeoutMilliseconds: 60_000))
      #expect(diamond.sink.body.recorder.calls.last == .finish)
    }
    #expect(graph == nil)
  }
}
