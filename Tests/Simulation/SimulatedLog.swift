internal import Ingest
internal import Kafka
internal import TestSupport

/// Virtual time, in milliseconds since 1970; the wall clock of engine and broker, and what moves the monotonic one.
///
/// `@unchecked Sendable`: a simulation runs on one thread.
final class VirtualClock: @unchecked Sendable {
  var nowMilliseconds: Int64

  init(_ start: Int64) { nowMilliseconds = start }
}

/// One partition of a topic in memory, read as through a client: what has arrived comes in pieces of any size, the end
/// is told once each time that it is reached, and now and then the broker is not there.
///
/// `@unchecked Sendable`: a simulation runs on one thread.
final class SimulatedLog: PartitionLog, @unchecked Sendable {
  struct Message {
    let bytes: [UInt8]
    let arrivalMilliseconds: Int64
  }

  private let partition: Int
  private let messages: [Message]
  private let clock: VirtualClock
  private var position: Int
  private var random: SeededRandom
  private var hasToldEnd = false

  init(_ partition: Int, _ messages: [Message], from offset: Int64, _ clock: VirtualClock, seed: UInt64) {
    self.partition = partition
    self.messages = messages
    self.clock = clock
    position = Int(offset)
    random = SeededRandom(seed: seed)
  }

  /// Messages that have arrived.
  static func end(of messages: [Message], at time: Int64) -> Int {
    messages.firstIndex { $0.arrivalMilliseconds > time } ?? messages.count
  }

  var cachedOffsets: (low: Int64?, high: Int64?) {
    (0, Int64(SimulatedLog.end(of: messages, at: clock.nowMilliseconds)))
  }

  func read(
    maximumMessages: Int, into receive: (Int64, Span<UInt8>?, Int64?) -> Void
  ) -> [PartitionEvent] {
    if random.happens(oneIn: 50) { return [.failed(SimulatedLog.noBroker)] }
    let end = SimulatedLog.end(of: messages, at: clock.nowMilliseconds)
    let there = max(0, min(maximumMessages, end - position))
    let count = there > 1 && random.happens(oneIn: 2) ? random.below(there) + 1 : there
    let range = position..<position + count
    for offset in range {
      let bytes = messages[offset].bytes
      // A message without value comes as an empty one or as none.
      let isNull = bytes.isEmpty && offset % 2 == 0
      receive(Int64(offset), isNull ? nil : bytes.span, messages[offset].arrivalMilliseconds)
    }
    position += count
    if count > 0 { hasToldEnd = false }
    guard position == end, !hasToldEnd, random.happens(oneIn: 2) else { return [] }
    hasToldEnd = true
    return [.reachedEnd(position: Int64(end))]
  }

  private static let noBroker = KafkaError(
    .unreachable, code: "_TRANSPORT", operation: "read", place: "simulated", message: "the broker is gone for a moment")
}
