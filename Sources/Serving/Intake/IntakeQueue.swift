internal import Commerce
internal import Dispatch
internal import Telemetry

/// An item and what became of its message; nil where it was not sent.
struct IntakeResult: Sendable {
  let item: IntakeItem
  var outcome: EventOutcome?

  /// Whether Kafka has its message, be it an event or none.
  var isStored: Bool { if case .stored = outcome { true } else { false } }

  /// For counting: `accepted`, `rejected`, `failed`.
  var word: String { item.refusal != nil ? "rejected" : isStored ? "accepted" : "failed" }
}

/// Judges events on a queue of its own, one request after the other, so that the server's thread does not wait for it.
///
/// Unchecked: the intake, which is no more than a decoder, is only touched on the queue.
final class IntakeQueue: @unchecked Sendable {
  private let queue = DispatchQueue(label: "riffle.http.intake")
  private let intake: EventIntake
  private let publisher: any EventPublisher
  private let nowMilliseconds: @Sendable () -> Int64
  private let counters: MetricFamily<Counter>

  init(
    _ job: Job, _ publisher: any EventPublisher, _ registry: MetricRegistry,
    _ nowMilliseconds: @escaping @Sendable () -> Int64
  ) {
    intake = EventIntake(job)
    counters = registry.counters(
      "http_events_total", "Events that came over HTTP, by what became of them.", labels: ["result"])
    self.publisher = publisher
    self.nowMilliseconds = nowMilliseconds
  }

  /// Stores the items of `body` that `cut` finds, and answers with what `answer` makes of the results.
  func store(
    _ body: [UInt8], _ cut: @escaping @Sendable ([UInt8]) throws -> [Range<Int>], _ promise: HTTPPromise,
    _ answer: @escaping @Sendable ([IntakeResult]) throws -> HTTPResponse
  ) {
    queue.async { [self] in
      do {
        let items = intake.judge(body, try cut(body), at: nowMilliseconds())
        publisher.publish(items.compactMap(\.message)) { [counters] outcomes in
          let results = IntakeQueue.results(items, outcomes)
          for result in results { counters.series(result.word).add() }
          promise.fulfill(Result { try answer(results) })
        }
      } catch {
        promise.fulfill(.failure(error))
      }
    }
  }

  private static func results(_ items: [IntakeItem], _ outcomes: [EventOutcome]) -> [IntakeResult] {
    var rest = outcomes[...]
    return items.map { IntakeResult(item: $0, outcome: $0.message == nil ? nil : rest.popFirst()) }
  }
}
