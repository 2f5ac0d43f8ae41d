internal import Columns
internal import Dataflow
package import Encodings

/// What a key group must not forget: which events it has seen, and the sessions that can still change.
package struct KeyGroupState: Sendable {
  var duplicates = DeduplicationSet()
  var sessions: OpenSessions

  package init(rules: SessionRules, table: SessionTable, recordsSealed: Bool = false) {
    sessions = OpenSessions(rules: rules, table: table, recordsSealed: recordsSealed)
  }

  /// What a whole snapshot costs, in rows.
  var rowCount: Int { duplicates.count + sessions.eventCount }

  /// Freezes the whole state: O(1) here, and a copy of the tables when the key group next changes them.
  func snapshot() -> StateSnapshot {
    let frozen = self
    return StateSnapshot { frozen.encoded() }
  }

  // MARK: - Stored form

  /// Identities; buffered events; what to take out of the buffers again once these events are in.
  func encoded() -> [UInt8] {
    var writer = ByteWriter()
    duplicates.encode(into: &writer)
    sessions.encode(into: &writer)
    KeyGroupState.encode([], into: &writer)
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
  ///
  /// Identities do not tell their key group: all are added, which does no harm, or none.
  package mutating func restore(
    from bytes: [UInt8], identities: Bool = true, where belongs: ([UInt8]) -> Bool
  ) throws(CorruptionError) {
    var reader = ByteReader(bytes)
    while !reader.isAtEnd {
      if identities { try duplicates.restore(from: &reader) } else { try DeduplicationSet.skip(in: &reader) }
      try sessions.restore(from: &reader, where: belongs)
      var sealed: [SealedPrefix] = []
      for _ in 0..<(try reader.readCount(of: "sealed sessions", minimumBytes: 17)) {
        let key = Hash128(low: try reader.readUInt64(), high: try reader.readUInt64())
        sealed.append(SealedPrefix(key: key, eventCount: try reader.readNumber()))
      }
      try sessions.remove(sealed)
    }
  }
}
