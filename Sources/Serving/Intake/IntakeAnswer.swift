internal import Ingest
internal import Telemetry

/// What clients are told of the events that they sent.
enum IntakeAnswer {
  /// Of a single event: 202 with its id, or a problem.
  static func one(_ results: [IntakeResult]) throws(HTTPFailure) -> HTTPResponse {
    guard let result = results.first else { throw .internalError }
    if let refusal = result.item.refusal {
      throw .invalidEvent(reason: refusal.reason.name, field: refusal.field, isKept: result.isStored)
    }
    guard result.isStored else {
      throw notStored(results, HTTPFailure.Member(name: "event_id", text: result.item.eventID))
    }
    return .json(status: 202) { json in
      json.object {
        $0.field("status", "accepted")
        result.write(to: &$0)
      }
    }
  }

  /// Of many: 200 where all are stored events, 207 where some are not, 503 where Kafka took none.
  static func many(_ results: [IntakeResult]) throws(HTTPFailure) -> HTTPResponse {
    let rejected = results.count { $0.item.refusal != nil }
    let accepted = results.count { $0.item.refusal == nil && $0.isStored }
    let failed = results.count - rejected - accepted
    if failed == results.count {
      var items = JSONWriter()
      write(results, to: &items)
      throw notStored(results, HTTPFailure.Member(name: "items", json: items.bytes))
    }
    return .json(status: accepted == results.count ? 200 : 207) { json in
      json.object { json in
        json.field("accepted", accepted)
        json.field("rejected", rejected)
        json.field("failed", failed)
        json.key("items")
        write(results, to: &json)
      }
    }
  }

  private static func write(_ results: [IntakeResult], to json: inout JSONWriter) {
    json.array { json in
      for (index, result) in results.enumerated() {
        json.object {
          $0.field("index", index)
          $0.field("status", result.status)
          result.write(to: &$0)
        }
      }
    }
  }

  /// `member` tells the identifiers, with which the events count once however often they are sent.
  private static func notStored(_ results: [IntakeResult], _ member: HTTPFailure.Member) -> HTTPFailure {
    results.contains { $0.outcome == .noRoom }
      ? .notStored(
        "events come faster than Kafka takes them; send again, more slowly", retryAfterSeconds: 1, member)
      : .notStored(
        "Kafka did not take it; send again with this event_id, so that it counts once", retryAfterSeconds: 5, member)
  }
}

extension IntakeResult {
  fileprivate var status: Int {
    guard let refusal = item.refusal else { return isStored ? 202 : 503 }
    return refusal.reason == .tooLong ? 413 : 400
  }

  /// The id or the reason, and where in the topic the message is.
  fileprivate func write(to json: inout JSONWriter) {
    if let eventID = item.eventID { json.field("event_id", eventID) }
    if let refusal = item.refusal {
      json.field("reason", refusal.reason.name)
      json.field("field", refusal.field)
    }
    guard case .stored(let partition, let offset) = outcome else { return }
    json.field("partition", partition)
    json.field("offset", offset < 0 ? nil : offset)
  }
}
