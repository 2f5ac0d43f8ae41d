internal import Columns
internal import Dataflow
internal import Encodings

/// What a key group must not forget: which events it has seen, and the sessions that can still change.
///
/// The two are stored apart: identities as a log (`IdentityLog`), sessions whole or as changes (`SessionChanges`).
struct KeyGroupState: Sendable {
  var duplicates = DeduplicationSet()
  var sessions: OpenSessions

  init(rules: SessionRules, table: SessionTable, recordsSealed: Bool = false) {
    sessions = OpenSessions(rules: rules, table: table, recordsSealed: recordsSealed)
  }
}

// The stored form: buffered events; what to take out of the buffers again once these events are in.
extension OpenSessions {
  /// Freezes all sessions: O(1) here, and a copy of what the key group next changes.
  func snapshot() -> StateSnapshot {
    let frozen = self
    return StateSnapshot { frozen.encoded() }
  }

  func encoded() -> [UInt8] {
    var writer = ByteWriter()
    encode(into: &writer)
    OpenSessions.encode([], into: &writer)
    return writer.bytes
  }

  static func encode(_ sealed: [SealedPrefix], into writer: inout ByteWriter) {
    writer.writeVarint(UInt64(sealed.count))
    for prefix in sealed {
      writer.write(prefix.key.low)
      writer.write(prefix.key.high)
      writer.writeVarint(UInt64(prefix.eventCount))
    }
  }

  /// Adds the keys of a whole state or of one change that `belongs` accepts.
  mutating func restore(from bytes: [UInt8], where belongs: ([UInt8]) -> Bool) throws(CorruptionError) {
    var reader = ByteReader(bytes)
    while !reader.isAtEnd {
      try restore(from: &reader, where: belongs)
      var sealed: [SealedPrefix] = []
      for _ in 0..<(try reader.readCount(of: "sealed sessions", minimumBytes: 17)) {
        let key = Hash128(low: try reader.readUInt64(), high: try reader.readUInt64())
        sealed.append(SealedPrefix(key: key, eventCount: try reader.readNumber()))
      }
      try remove(sealed)
    }
  }
}
