import Commerce
import CommerceTestSupport
import Dispatch
import Foundation
import HotIndex
import KafkaTestSupport
import Testing

/// How soon readers see an event.
extension LiveTrial {
  static var nowMilliseconds: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }

  /// An engine on a topic that it has read to its end.
  func quietEngine() throws -> RunningEngine {
    let engine = RunningEngine(try engine(isBounded: false))
    let isQuiet = try Deadline.wait {
      let partitions = try engine.status.partitions
      return !partitions.isEmpty && partitions.allSatisfy { $0.state == "at_end" || $0.state == "excluded" }
    }
    #expect(isQuiet)
    return engine
  }

  /// Sends one event after the other to a quiet engine, and waits until the window has it; the median from the moment
  /// at which the broker has acknowledged the event.
  func medianVisibilityMilliseconds(_ engine: RunningEngine) throws -> Double {
    var delays: [Double] = []
    for number in 0..<15 {
      try produce(EventLine.make("e\(number)", "page_view", at: LiveTrial.nowMilliseconds, session: "s"))
      let acknowledged = DispatchTime.now().uptimeNanoseconds
      let isSeen = try Deadline.wait(seconds: 10, everyMilliseconds: 1) {
        let windows = try engine.look(\.hot).rollups["kpi_1m"]?.windows(overlapping: 0..<(.max)) ?? []
        return windows.reduce(0) { $0 + $1.eventCount } == Int64(number) + 1
      }
      #expect(isSeen, "event \(number)")
      delays.append(Double(DispatchTime.now().uptimeNanoseconds - acknowledged) / 1_000_000)
    }
    let median = delays.sorted()[delays.count / 2]
    print("acknowledged to visible: median \(Int(median)) ms, most \(Int(delays.max() ?? 0)) ms")
    return median
  }
}
