import Kafka
import Testing

@testable import Commerce

@Suite struct EngineWatchTests {
  @Test func aTroubleIsToldWhenItBeginsAndWhenItIsOver() {
    var watch = EngineWatch()
    #expect(watch.look(.connected, reason: nil, partitions: [:], problems: []) == [.ready])
    #expect(watch.look(.connected, reason: nil, partitions: [:], problems: []).isEmpty)
    let lost = watch.look(.lost, reason: "refused", partitions: [:], problems: ["no broker"])
    #expect(lost == [.brokersLost(reason: "refused"), .notReady(["no broker"])])
    #expect(watch.look(.lost, reason: "refused again", partitions: [:], problems: ["still no broker"]).isEmpty)
    #expect(watch.look(.connected, reason: "refused", partitions: [:], problems: []) == [.brokersBack, .ready])
  }

  @Test func eachPartitionHasItsOwn() {
    var watch = EngineWatch()
    _ = watch.look(.connected, reason: nil, partitions: [:], problems: [])
    let first = watch.look(.connected, reason: nil, partitions: [3: "c", 1: "a"], problems: ["a", "c"])
    #expect(first == [.partitionFailed(1, reason: "a"), .partitionFailed(3, reason: "c"), .notReady(["a", "c"])])
    let second = watch.look(.connected, reason: nil, partitions: [2: "b", 3: "c"], problems: ["b", "c"])
    #expect(second == [.partitionFailed(2, reason: "b"), .partitionWorks(1)])
  }

  /// An engine that has never been ready says why, once.
  @Test func whatIsNotReadyFromTheBeginningSaysSo() {
    var watch = EngineWatch()
    let first = watch.look(.connecting, reason: nil, partitions: [:], problems: ["there is no topic"])
    #expect(first == [.notReady(["there is no topic"])])
    #expect(watch.look(.connected, reason: nil, partitions: [:], problems: ["there is no topic"]).isEmpty)
  }
}

@Suite struct LifeSignsTests {
  @Test func aSignCountsOnlyWhileItIsExpected() {
    let signs = LifeSigns()
    signs.give(.clock)
    #expect(signs.all.isEmpty)
    signs.begin()
    signs.give(.graph)
    #expect(signs.all.map(\.name) == ["clock", "graph"])
    #expect(signs.all.allSatisfy { $0.ageMilliseconds >= 0 && $0.ageMilliseconds < 5_000 })
    signs.end()
    signs.give(.graph)
    #expect(signs.all.isEmpty)
  }
}
