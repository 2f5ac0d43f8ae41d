internal import Commerce
internal import Dispatch

/// An item and what became of its message; nil where it was not sent.
struct IntakeResult: Sendable {
  let item: IntakeItem
  var outcome: EventOutcome?
}

/// Judges events on a queue of its own, one request after the other, so that the server's thread does not wait for it.
///
/// Unchecked: the intake, which is no more than a decoder, is only touched on the queue.
final class IntakeQueue: @unchecked Sendable {
  private let queue = DispatchQueue(label: "riffle.http.intake")
  private let intake: EventIntake
  private let publisher: any EventPublisher
  private let nowMilliseconds: @Sendable () -> Int64

  init(_ job: Job, _ publisher: any EventPublisher, _ nowMilliseconds: @escaping @Sendable () -> Int64) {
    intake = EventIntake(job)
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
        publisher.publish(items.compactMap(\.message)) { outcomes in
          promise.fulfill(Result { try answer(IntakeQueue.results(items, outcomes)) })
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
