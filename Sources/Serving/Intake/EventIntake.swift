internal import Columns
package import Commerce
package import Ingest
internal import Telemetry
internal import Windows

/// What a client sent as one event, judged.
package struct IntakeItem: Sendable, Equatable {
  /// Why it cannot become an event, with the member that is to blame.
  package struct Refusal: Sendable, Equatable {
    package let reason: DeadLetterReason
    package var field: String?
  }

  /// For the topic; what is refused goes there as well, and the engine makes it a dead letter with the same reason. Nil
  /// where brokers would not take it.
  package var message: EventMessage?
  package var eventID: String?
  package var refusal: Refusal?
}

/// Makes messages of what clients send: an identifier and the time are added where they are missing, and the engine's
/// own decoder says what it will make of them.
///
/// Used by one thread at a time, as its decoder is.
package final class EventIntake {
  private enum Verdict {
    case accepted(eventID: String?, sessionKey: [UInt8])
    case refused(IntakeItem.Refusal)
  }

  private let plan: LanePlan
  private let decoder: MessageDecoder
  private var random = SystemRandomNumberGenerator()

  package init(_ job: Job) {
    plan = job.lane
    // An identifier that is made of the message's hash would hide that there is none.
    var shape = job.lane.shape
    shape.identityColumn = nil
    decoder = MessageDecoder(shape: shape)
  }

  /// Judges the items that lie at `ranges` in `body`, as `IntakeBody` has cut it, which came at `now`. O(bytes).
  package func judge(_ body: [UInt8], _ ranges: [Range<Int>], at now: Int64) -> [IntakeItem] {
    var values = ranges.map { Array(body[$0]) }
    var verdicts = verdicts(on: values, at: now)
    let timeless = verdicts.indices.filter { index in
      if case .refused(.init(reason: .missingField, field: EventSchema.timeColumn)) = verdicts[index] {
        true
      } else {
        false
      }
    }
    let time = timeless.isEmpty ? "" : WallClock.text(milliseconds: now)
    for index in timeless { stamp(&values[index], EventSchema.timeColumn, time) }
    for (index, verdict) in zip(timeless, self.verdicts(on: timeless.map { values[$0] }, at: now)) {
      verdicts[index] = verdict
    }
    return zip(values, verdicts).map { item($0, $1, at: now) }
  }

  private func item(_ value: [UInt8], _ verdict: Verdict, at now: Int64) -> IntakeItem {
    switch verdict {
    case .refused(let refusal):
      let fits = value.count <= plan.shape.maximumMessageBytes
      return IntakeItem(message: fits ? EventMessage(key: nil, value: value) : nil, refusal: refusal)
    case .accepted(let given, let sessionKey):
      var value = value
      let eventID = given ?? EventIdentity.make(at: now, &random)
      if given == nil { stamp(&value, EventSchema.names.eventIdentifier, eventID) }
      guard value.count <= plan.shape.maximumMessageBytes else {
        return IntakeItem(refusal: IntakeItem.Refusal(reason: .tooLong))
      }
      let key = sessionKey.isEmpty ? Array(eventID.utf8) : sessionKey
      return IntakeItem(message: EventMessage(key: key, value: value), eventID: eventID)
    }
  }

  /// Adds a member at the end of an object that is known to be sound and not empty: of duplicates the last one counts.
  /// `text` needs no escapes.
  private func stamp(_ object: inout [UInt8], _ name: String, _ text: String) {
    object.removeLast()
    object += ",\"\(name)\":\"\(text)\"}".utf8
  }

  /// What the engine will make of `values` as they are.
  private func verdicts(on values: [[UInt8]], at now: Int64) -> [Verdict] {
    let arena = ByteArena(capacity: values.reduce(0) { $0 + $1.count })
    let messages = values.enumerated().map { position, value in
      let start = arena.append(value.span)
      return MessageRange(offset: UInt32(start), length: Int32(value.count), logOffset: Int64(position))
    }
    let decoded = decoder.decode(arena: arena, messages: messages)
    var noWatermark: PartitionWatermark?
    let events = EventBatch(
      decoded.batch, layout: plan.layout, mode: plan.sessionMode, types: decoded.types,
      contentHashes: decoded.contentHash, watermark: &noWatermark)
    let identifiers = decoded.batch.strings(plan.layout.eventIdentifier)
    let overflowed = Set(events.overflowedRows)
    var verdicts = [Verdict](repeating: .refused(.init(reason: .malformedJSON)), count: values.count)
    for reject in decoded.rejects { verdicts[reject.row] = .refused(.init(reason: reject.reason, field: reject.field)) }
    for row in 0..<events.rowCount {
      verdicts[Int(events.offsets[row])] =
        if events.times[row] - now > LanePlan.absurdSkewMilliseconds {
          .refused(.init(reason: .absurdTime, field: EventSchema.timeColumn))
        } else if overflowed.contains(UInt32(row)) {
          .refused(.init(reason: .malformedJSON, field: EventSchema.names.price))
        } else {
          .accepted(eventID: identifiers.text(row), sessionKey: events.sessionKey(row))
        }
    }
    return verdicts
  }
}
