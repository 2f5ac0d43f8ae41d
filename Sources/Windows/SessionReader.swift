internal import Columns
internal import Encodings

/// Reads what a `SessionWriter` wrote. Damaged bytes are an error, whatever they are.
struct SessionReader {
  /// A key of the stored events.
  struct Key {
    let bytes: [UInt8]
    let hash: Hash128
    /// Whether it is to be restored.
    let belongs: Bool
    /// Its code among the sessions that are restored, once it has one.
    var code: UInt32?
    fileprivate var lastUser: UInt32 = 0
  }

  /// No event is there: what is reckoned with times stays within 64 bits.
  private static let endOfTime: UInt64 = 1 << 53

  let horizon: Int64
  let texts: SessionTexts
  var keys: [Key] = []
  private var latest: (key: Int, time: Int64, offset: Int64) = (-1, 0, 0)

  /// Reads all up to the first row.
  init(_ reader: inout ByteReader, where belongs: ([UInt8]) -> Bool) throws(CorruptionError) {
    horizon = try reader.readInt64()
    texts = try SessionTexts(from: &reader)
    for _ in 0..<(try reader.readCount(of: "keys of sessions")) {
      let bytes = try reader.readBytes()
      keys.append(Key(bytes: bytes, hash: Hash.hash128(bytes.span), belongs: belongs(bytes)))
    }
  }

  /// The next row: an event and the position of its key in `keys`.
  mutating func row(from reader: inout ByteReader) throws(CorruptionError) -> (key: Int, event: SessionEvent) {
    let flags = try reader.readUInt8()
    if flags & SessionWriter.Flag.hasKey != 0 { latest.key = try reader.readNumber() }
    guard keys.indices.contains(latest.key) else {
      throw CorruptionError("a row names key \(latest.key) of \(keys.count)", offset: reader.offset)
    }
    let user = flags & SessionWriter.Flag.hasUser == 0 ? keys[latest.key].lastUser : try code(texts.users, &reader)
    if user != 0 { keys[latest.key].lastUser = user }
    latest.time &+= try reader.readSignedVarint()
    latest.offset &+= try reader.readSignedVarint()
    guard latest.time.magnitude < SessionReader.endOfTime else {
      throw CorruptionError("a session's event is at \(latest.time)", offset: reader.offset)
    }
    let source = Int32(truncatingIfNeeded: try reader.readVarint())
    let campaign = try code(texts.campaigns, &reader)
    let page = try code(texts.pages, &reader)
    let amount = try reader.readSignedVarint()
    let event = SessionEvent(
      time: latest.time, source: source, offset: latest.offset, type: flags & 63, campaign: campaign, page: page,
      user: user, amount: amount, currency: try code(texts.currencies, &reader))
    return (latest.key, event)
  }

  private func code(_ interner: Interner, _ reader: inout ByteReader) throws(CorruptionError) -> UInt32 {
    let code = try reader.readVarint()
    guard code < UInt64(interner.count) else {
      throw CorruptionError("a session names text \(code) of \(interner.count)", offset: reader.offset)
    }
    return UInt32(code)
  }

  /// What follows the rows: what left the buffers again.
  static func sealed(from reader: inout ByteReader) throws(CorruptionError) -> [SealedPrefix] {
    var sealed: [SealedPrefix] = []
    for _ in 0..<(try reader.readCount(of: "sealed sessions", minimumBytes: 17)) {
      let key = Hash128(low: try reader.readUInt64(), high: try reader.readUInt64())
      sealed.append(SealedPrefix(key: key, eventCount: try reader.readNumber()))
    }
    return sealed
  }
}
