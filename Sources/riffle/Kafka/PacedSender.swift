import Kafka
import Telemetry

/// Sends messages to a topic when they are due, in batches of some milliseconds, until someone asks to stop.
///
/// A full queue of the producer holds the sender up; that is the back-pressure. What was sent is only certain after
/// `finish()`.
final class PacedSender {
  /// What was handed to the producer.
  struct Outcome: Equatable {
    var sent = 0
    var bytes: Int64 = 0
    /// Whether time was up, or someone asked to stop.
    var wasStopped = false
  }

  /// A message that is not due yet lets those before it go, and is then at least this far away, so that batches form.
  private let tickMilliseconds: Int64
  private static let batchMessages = 1024
  private static let batchBytes = 1 << 19
  /// How often a sender that waits for the brokers looks up.
  private static let lookMilliseconds = 200
  /// How long to wait for the last messages after a wish to stop, and without one.
  private static let finishMilliseconds: (stopped: Int64, done: Int64) = (20_000, 125_000)

  private let producer: KafkaProducer
  private let topic: String
  private let stop: StopWish
  /// When to stop by itself; `Int64.max` for never.
  private let endMilliseconds: Int64
  private var batch = ProducerBatch()
  private(set) var outcome = Outcome()
  let startMilliseconds: Int64

  init(
    _ place: KafkaPlace, stop: StopWish, durationMilliseconds: Int64? = nil, tickMilliseconds: Int64 = 5
  ) throws {
    let start = MonotonicClock.nowMilliseconds()
    producer = try KafkaProducer(place.configuration)
    topic = place.topic
    self.tickMilliseconds = tickMilliseconds
    self.stop = stop
    startMilliseconds = start
    endMilliseconds = durationMilliseconds.map { start + $0 } ?? .max
  }

  /// Takes a message that is due `dueMilliseconds` after the start; waits until then. False where it was not taken:
  /// it is time to stop.
  func add(
    key: Span<UInt8>?, value: Span<UInt8>, partition: Int32? = nil, dueMilliseconds: Int64 = 0
  ) throws -> Bool {
    guard try wait(until: startMilliseconds + dueMilliseconds) else { return false }
    batch.append(key: key, value: value, partition: partition)
    outcome.bytes += Int64(value.count)
    if batch.count >= Self.batchMessages || batch.byteCount >= Self.batchBytes { try flushBatch() }
    return true
  }

  /// Takes a message with headers, at once.
  func add(key: [UInt8]?, value: [UInt8]?, headers: [KafkaHeader]) throws -> Bool {
    while isGoing {
      do throws(KafkaError) {
        try producer.send(
          topic: topic, key: key, value: value, headers: headers, timeoutMilliseconds: Self.lookMilliseconds)
        outcome.sent += 1
        outcome.bytes += Int64(value?.count ?? 0)
        return true
      } catch {
        guard error.kind == .queueFull else { throw error }
        try checkDeliveries()
      }
    }
    return false
  }

  /// Waits until all that was taken is delivered.
  ///
  /// - Throws: what kept messages from being delivered.
  func finish() throws {
    try flushBatch()
    let patience = outcome.wasStopped ? Self.finishMilliseconds.stopped : Self.finishMilliseconds.done
    let deadline = MonotonicClock.nowMilliseconds() + patience
    while producer.queuedCount > 0 {
      do throws(KafkaError) {
        try producer.flush(timeoutMilliseconds: Self.lookMilliseconds)
      } catch {
        let isUnderWay = error.kind == .timedOut || error.kind == .unreachable
        guard isUnderWay, MonotonicClock.nowMilliseconds() < deadline, !isStoppedAnew else { throw error }
      }
    }
    try checkDeliveries()
  }

  /// Whether someone asked to stop.
  var wasInterrupted: Bool { stop.isAsked }

  /// Whether someone asked to stop while the last messages are waited for.
  private var isStoppedAnew: Bool { stop.isAsked && !outcome.wasStopped }

  private var isGoing: Bool {
    if stop.isAsked || MonotonicClock.nowMilliseconds() >= endMilliseconds { outcome.wasStopped = true }
    return !outcome.wasStopped
  }

  private func wait(until due: Int64) throws -> Bool {
    let now = MonotonicClock.nowMilliseconds()
    guard due > now else { return batch.count > 0 || isGoing }
    try flushBatch()
    let wake = min(max(due, now + tickMilliseconds), endMilliseconds)
    while isGoing, MonotonicClock.nowMilliseconds() < wake {
      stop.wait(milliseconds: wake - MonotonicClock.nowMilliseconds())
    }
    return !outcome.wasStopped
  }

  /// Hands the batch to the producer. After a wish to stop, what found no room is dropped, and not counted as sent.
  private func flushBatch() throws {
    var next = 0
    repeat {
      next = try producer.send(batch, from: next, topic: topic, timeoutMilliseconds: Self.lookMilliseconds)
      try checkDeliveries()
    } while next < batch.count && isGoing
    outcome.sent += next
    batch.removeAll()
  }

  private func checkDeliveries() throws {
    let counts = producer.deliveryCounts
    if let error = counts.firstError { throw error }
  }
}
