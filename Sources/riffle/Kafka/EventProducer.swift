import Kafka
import Serving
import Synchronization
import Telemetry

/// Sends the events that come over HTTP to the topic that the engine reads, idempotent and acknowledged by all replicas
/// in sync, and tells what became of each.
final class EventProducer: EventPublisher {
  private struct Clients {
    var current: KafkaProducer?
    /// One that can send no more, until its last messages are told about.
    var retired: KafkaProducer?
  }

  /// Requests that wait for their acknowledgements, at most; the server has some more connections for those who ask.
  private static let waitingMost = (connected: 512, lost: 32)

  private let place: KafkaPlace
  private let log: Log
  private let deliveries: PendingDeliveries
  private let clients: Mutex<Clients>

  /// Connects when the first event comes: an engine that only reads may do so with rights to read alone.
  init(_ place: KafkaPlace, log: Log) {
    self.place = place
    self.log = log
    deliveries = PendingDeliveries(log)
    clients = Mutex(Clients())
  }

  func publish(_ messages: [EventMessage], _ done: @escaping @Sendable ([EventOutcome]) -> Void) {
    let client: KafkaProducer
    do throws(KafkaError) {
      client = try usableClient()
    } catch {
      log.error("events cannot be sent", ["error": "\(error)"])
      return done(messages.map { _ in .failed })
    }
    let isLost = client.connectionState.phase == .lost
    let mostWaiting = isLost ? EventProducer.waitingMost.lost : EventProducer.waitingMost.connected
    guard deliveries.count < mostWaiting else { return done(messages.map { _ in isLost ? .failed : .noRoom }) }
    let first = deliveries.open(count: messages.count, done)
    for (index, message) in messages.enumerated() {
      let token = first + UInt64(index)
      do throws(KafkaError) {
        try client.send(
          topic: place.topic, key: message.key, value: message.value, token: token, timeoutMilliseconds: 0)
      } catch {
        deliveries.settle(token, error.kind == .queueFull ? .noRoom : .failed, because: error)
      }
    }
  }

  /// The client, or a new one where it cannot go on.
  private func usableClient() throws(KafkaError) -> KafkaProducer {
    let result = clients.withLock { clients -> Result<KafkaProducer, KafkaError> in
      if deliveries.takeIsBroken() {
        clients.retired = clients.current
        clients.current = nil
      }
      if let current = clients.current { return .success(current) }
      return Result { () throws(KafkaError) in
        let client = try EventProducer.client(place, deliveries)
        clients.current = client
        return client
      }
    }
    return try result.get()
  }

  private static func client(_ place: KafkaPlace, _ deliveries: PendingDeliveries) throws(KafkaError) -> KafkaProducer {
    var options = ProducerOptions()
    options.lingerMilliseconds = 1
    options.memoryBytes = 32 << 20
    options.deliveryTimeoutMilliseconds = 15_000
    options.onDelivery = { delivery in
      let stored = EventOutcome.stored(partition: delivery.partition, offset: delivery.offset)
      deliveries.settle(delivery.token, delivery.error == nil ? stored : .failed, because: delivery.error)
    }
    return try KafkaProducer(place.configuration, options)
  }
}

/// Requests whose messages are under way, by the tokens of their messages. Knows no client, so that no callback of one
/// can end it.
private final class PendingDeliveries: Sendable {
  private struct Request {
    var outcomes: [EventOutcome?]
    var openCount: Int
    let done: @Sendable ([EventOutcome]) -> Void
  }

  private struct State {
    var requests: [UInt64: Request] = [:]
    var latest: UInt64 = 0
    var isBroken = false
    var nextLogNanoseconds: UInt64 = 0
  }

  /// A token is the number of a request, then that of a message in it.
  private static let indexBits: UInt64 = 16

  private let state = Mutex(State())
  private let log: Log

  init(_ log: Log) { self.log = log }

  var count: Int { state.withLock { $0.requests.count } }

  /// Whether the client cannot go on; tells it once.
  func takeIsBroken() -> Bool {
    state.withLock { state in
      defer { state.isBroken = false }
      return state.isBroken
    }
  }

  /// Expects the fates of `count` messages, at most 65,536, and gives the token of the first; the others' follow.
  func open(count: Int, _ done: @escaping @Sendable ([EventOutcome]) -> Void) -> UInt64 {
    precondition(count <= 1 << PendingDeliveries.indexBits, "a request has at most 65536 messages, not \(count)")
    guard count > 0 else {
      done([])
      return 0
    }
    return state.withLock { state in
      state.latest += 1
      let outcomes = [EventOutcome?](repeating: nil, count: count)
      state.requests[state.latest] = Request(outcomes: outcomes, openCount: count, done: done)
      return state.latest << PendingDeliveries.indexBits
    }
  }

  /// Notes the fate of a message; the last one of a request answers it.
  func settle(_ token: UInt64, _ outcome: EventOutcome, because error: KafkaError?) {
    let number = token >> PendingDeliveries.indexBits
    let index = Int(token & (1 << PendingDeliveries.indexBits - 1))
    let now = MonotonicClock.nowNanoseconds()
    let (finished, isLogged) = state.withLock { state -> (Request?, Bool) in
      if error?.kind == .fatal { state.isBroken = true }
      // One line a second says it.
      let isLogged = error != nil && now >= state.nextLogNanoseconds
      if isLogged { state.nextLogNanoseconds = now + 1_000_000_000 }
      guard var request = state.requests.removeValue(forKey: number), request.outcomes[index] == nil else {
        return (nil, isLogged)
      }
      request.outcomes[index] = outcome
      request.openCount -= 1
      guard request.openCount > 0 else { return (request, isLogged) }
      state.requests[number] = request
      return (nil, isLogged)
    }
    if isLogged, let error { log.warning("events are not stored", ["error": "\(error)"]) }
    finished?.done(finished?.outcomes.map { $0 ?? .failed } ?? [])
  }
}
