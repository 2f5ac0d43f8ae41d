internal import Columns
internal import Encodings

/// What a key group's sessions have taken in since the last snapshot, in the stored form of a state: to restore the one
/// is to go on from the other.
///
/// Rows are written as they came, each event with its key, and none is looked up: whoever restores them looks each up
/// once anyway. O(rows), of which most is copying.
struct StateChange {
  /// What surrounds the rows.
  struct Frame: Sendable {
    let horizon: Int64
    let valued: TypeMask
    let sealed: [SealedPrefix]

    init(_ sessions: OpenSessions, sealed: [SealedPrefix]) {
      horizon = sessions.horizon
      valued = sessions.table.measures.revenue
      self.sealed = sealed
    }
  }

  private let slices: [EventSlice]

  init(_ slices: [EventSlice]) { self.slices = slices }

  func encoded(_ frame: Frame) -> [UInt8] {
    var texts = SessionTexts()
    var body = ByteWriter()
    for slice in slices {
      let reader = SessionEventReader(slice.events, valued: frame.valued)
      for row in slice.rows {
        body.write(bytes: slice.events.batch.strings(slice.events.keyColumn(Int(row))).bytes(Int(row)))
        body.writeVarint(1)
        OpenSessions.encode(reader.event(Int(row), texts: &texts), into: &body)
      }
    }
    var writer = ByteWriter(capacity: body.count + 1024)
    writer.write(frame.horizon)
    texts.encode(into: &writer)
    writer.writeVarint(UInt64(slices.reduce(0) { $0 + $1.rows.count }))
    writer.writeRaw(body.bytes.span)
    OpenSessions.encode(frame.sealed, into: &writer)
    return writer.bytes
  }
}
