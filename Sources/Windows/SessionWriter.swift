internal import Columns
internal import Encodings

/// Events that sessions have taken in, in their stored form: all that are buffered, or those that came since the last
/// snapshot. To restore either is to take its events in.
///
/// The text of a key is written once, and so are those of its events; a row names them by number, says a time and an
/// offset as differences from the row before, and a user only where it is not the key's last one: some ten
/// bytes in place of fifty. Codes come from the sessions themselves, so that nothing is hashed again. O(1) a row.
struct SessionWriter: Sendable {
  /// What a row's first byte says beside the event's type, which is below 64.
  enum Flag {
    /// The number of a key follows: it is another than that of the row before.
    static let hasKey: UInt8 = 1 << 6
    /// A user follows: none, or another than the last one of the key.
    static let hasUser: UInt8 = 1 << 7
  }

  /// What a key remembers of the writer that has recorded it last; it lies beside the key, which is at hand anyway.
  struct Mark: Sendable {
    /// The writer's identifier; 0 is nobody's.
    var writer: UInt32 = 0
    /// The number of the key.
    var number: UInt32 = 0
  }

  private let identifier: UInt32
  private var texts = SessionTextsCopy()
  private var keyTexts = ByteWriter()
  private var keyCount: UInt32 = 0
  private var rows = ByteWriter()
  private(set) var rowCount = 0
  private var latest: (key: UInt32, time: Int64, offset: Int64) = (.max, 0, 0)

  /// - Parameter identifier: positive, and none of a writer before over the same keys.
  init(identifier: UInt32) { self.identifier = identifier }

  /// The codes of the sessions' texts have become others; so have those in marks.
  mutating func forgetCodes() { texts.forgetCodes() }

  /// Adds events of the keys at `indices`, whose texts are codes of `source`.
  mutating func append(
    _ events: [SessionEvent], at indices: [Int], in keys: inout [OpenSessions.Key], texts source: SessionTexts
  ) {
    for row in events.indices {
      let index = indices[row]
      if keys[index].mark.writer != identifier {
        keys[index].mark = addKey(keys[index].bytes)
        keys[index].recordedUser = 0
      }
      append(events[row], of: keys[index].mark.number, lastUser: &keys[index].recordedUser, texts: source)
    }
  }

  /// Adds a key with all its events.
  mutating func append(_ key: OpenSessions.Key, texts source: SessionTexts) {
    let mark = addKey(key.bytes)
    var lastUser: UInt32 = 0
    for event in key.events { append(event, of: mark.number, lastUser: &lastUser, texts: source) }
  }

  private mutating func addKey(_ bytes: [UInt8]) -> Mark {
    keyTexts.write(bytes: bytes)
    defer { keyCount += 1 }
    return Mark(writer: identifier, number: keyCount)
  }

  @inline(__always)
  private mutating func append(
    _ event: SessionEvent, of key: UInt32, lastUser: inout UInt32, texts source: SessionTexts
  ) {
    let (hasKey, hasUser) = (key != latest.key, event.user == 0 || event.user != lastUser)
    if event.user != 0, hasUser { lastUser = event.user }
    let event = texts.event(event, of: source)
    rows.write(event.type & 63 | (hasKey ? Flag.hasKey : 0) | (hasUser ? Flag.hasUser : 0))
    if hasKey { rows.writeVarint(UInt64(key)) }
    if hasUser { rows.writeVarint(UInt64(event.user)) }
    rows.writeSignedVarint(event.time &- latest.time)
    rows.writeSignedVarint(event.offset &- latest.offset)
    rows.writeVarint(UInt64(UInt32(bitPattern: event.source)))
    rows.writeVarint(UInt64(event.campaign))
    rows.writeVarint(UInt64(event.page))
    rows.writeSignedVarint(event.amount)
    rows.writeVarint(UInt64(event.currency))
    latest = (key, event.time, event.offset)
    rowCount += 1
  }

  /// The bytes, piece by piece, of sessions that were sealed up to `horizon`; once these events are in, `sealed` leave
  /// again.
  func pieces(horizon: Int64, sealed: [SealedPrefix]) -> [[UInt8]] {
    var head = ByteWriter()
    head.write(horizon)
    texts.target.encode(into: &head)
    head.writeVarint(UInt64(keyCount))
    var middle = ByteWriter()
    middle.writeVarint(UInt64(rowCount))
    var end = ByteWriter(capacity: 10 + sealed.count * 20)
    end.writeVarint(UInt64(sealed.count))
    for prefix in sealed {
      end.write(prefix.key.low)
      end.write(prefix.key.high)
      end.writeVarint(UInt64(prefix.eventCount))
    }
    return [head.bytes, keyTexts.bytes, middle.bytes, rows.bytes, end.bytes]
  }
}
