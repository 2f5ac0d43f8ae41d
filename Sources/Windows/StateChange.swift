internal import Columns
internal import Encodings

/// What a key group has taken in since its last snapshot, in the stored form of a state: to restore the one is to go on
/// from the other.
///
/// Rows are written as they came, each event with its key, and none is looked up: whoever restores them looks each up
/// once anyway. O(rows), of which most is copying.
struct StateChange {
  /// Rows of one batch.
  struct Slice: Sendable {
    let events: EventBatch
    let accepted: SelectionVector
    /// Waiting copies whose identities stand for those of other copies now.
    let replacing: SelectionVector
  }

  /// What surrounds the rows.
  struct Frame: Sendable {
    let oldestKept: Int64
    let horizon: Int64
    let valued: TypeMask
    let sealed: [SealedPrefix]

    init(_ state: KeyGroupState, sealed: [SealedPrefix]) {
      oldestKept = state.duplicates.oldestKept
      horizon = state.sessions.horizon
      valued = state.sessions.table.measures.revenue
      self.sealed = sealed
    }
  }

  private let slices: [Slice]

  init(_ slices: [Slice]) { self.slices = slices }

  func encoded(_ frame: Frame) -> [UInt8] {
    var writer = ByteWriter()
    encodeIdentities(frame, into: &writer)
    encodeEvents(frame, into: &writer)
    KeyGroupState.encode(frame.sealed, into: &writer)
    return writer.bytes
  }

  private func encodeIdentities(_ frame: Frame, into writer: inout ByteWriter) {
    var words: [UInt64] = []
    let rowCount = slices.reduce(0) { $0 + $1.accepted.count + $1.replacing.count }
    words.reserveCapacity(rowCount * DeduplicationSet.wordsPerEntry)
    for slice in slices {
      for rows in [slice.accepted, slice.replacing] {
        for row in rows {
          DeduplicationSet.append(
            slice.events.identities[Int(row)], slice.events.firstCopy(Int(row)), to: &words)
        }
      }
    }
    writer.write(frame.oldestKept)
    writer.write(words: words)
  }

  private func encodeEvents(_ frame: Frame, into writer: inout ByteWriter) {
    var texts = SessionTexts()
    var body = ByteWriter()
    for slice in slices {
      let reader = SessionEventReader(slice.events, valued: frame.valued)
      for row in slice.accepted {
        body.write(bytes: slice.events.batch.strings(slice.events.keyColumn(Int(row))).bytes(Int(row)))
        body.writeVarint(1)
        OpenSessions.encode(reader.event(Int(row), texts: &texts), into: &body)
      }
    }
    writer.write(frame.horizon)
    texts.encode(into: &writer)
    writer.writeVarint(UInt64(slices.reduce(0) { $0 + $1.accepted.count }))
    writer.writeRaw(body.bytes.span)
  }
}
