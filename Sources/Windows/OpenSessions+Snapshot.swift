internal import Columns
internal import Dataflow
public import Encodings

// The snapshot: all buffered events, key by key, and the texts that they use.
extension OpenSessions {
  /// Writes all buffered events, and only the texts that they use.
  public func encode(into writer: inout ByteWriter) {
    var copy = SessionTextsCopy(of: texts)
    var body = ByteWriter()
    for key in keys where !key.events.isEmpty {
      body.write(bytes: key.bytes)
      body.writeVarint(UInt64(key.events.count))
      for event in key.events { OpenSessions.encode(copy.event(event), into: &body) }
    }
    writer.write(horizon)
    copy.target.encode(into: &writer)
    writer.writeVarint(UInt64(keyCount))
    writer.writeRaw(body.bytes.span)
  }

  static func encode(_ event: SessionEvent, into writer: inout ByteWriter) {
    writer.write(event.time)
    writer.writeVarint(UInt64(UInt32(bitPattern: event.source)))
    writer.writeSignedVarint(event.offset)
    writer.write(event.type)
    writer.writeVarint(UInt64(event.campaign))
    writer.writeVarint(UInt64(event.page))
    writer.writeVarint(UInt64(event.user))
    writer.writeSignedVarint(event.amount)
    writer.writeVarint(UInt64(event.currency))
  }

  /// Adds the keys of a snapshot that `belongs` accepts.
  public mutating func restore(
    from reader: inout ByteReader, where belongs: ([UInt8]) -> Bool
  ) throws(CorruptionError) {
    // Where input had ended everything was sealed; what comes now is sealed by its own time again.
    let sealedUpTo = try reader.readInt64()
    if sealedUpTo != EventTime.distantFuture { raiseHorizon(to: sealedUpTo) }
    let stored = try SessionTexts(from: &reader)
    var copy = SessionTextsCopy(of: stored, into: takeTexts())
    for _ in 0..<(try reader.readVarint()) {
      let bytes = try reader.readBytes()
      let isOurs = belongs(bytes)
      let hash = Hash.hash128(bytes.span)
      var known = isOurs ? find(hash) : nil
      for _ in 0..<(try reader.readVarint()) {
        let event = try decodeEvent(from: &reader, texts: stored)
        guard isOurs else { continue }
        let code = known ?? add(hash, bytes: bytes, firstTime: event.time)
        known = code
        append(copy.event(event), to: Int(code) - 1)
      }
    }
    texts = copy.target
  }

  /// The texts, for one who gives them back: held twice, they would be copied when another is added.
  private mutating func takeTexts() -> SessionTexts {
    defer { texts = SessionTexts() }
    return texts
  }

  /// No event is there: what is reckoned with times stays within 64 bits.
  private static let endOfTime: UInt64 = 1 << 53

  private func decodeEvent(
    from reader: inout ByteReader, texts: SessionTexts
  ) throws(CorruptionError) -> SessionEvent {
    func code(_ interner: Interner, _ code: UInt64) throws(CorruptionError) -> UInt32 {
      guard code < UInt64(interner.count) else {
        throw CorruptionError("a session names text \(code) of \(interner.count)")
      }
      return UInt32(code)
    }
    let time = try reader.readInt64()
    guard time.magnitude < OpenSessions.endOfTime else {
      throw CorruptionError("a session's event is at \(time)", offset: reader.offset)
    }
    let source = Int32(truncatingIfNeeded: try reader.readVarint())
    let offset = try reader.readSignedVarint()
    let type = try reader.readUInt8()
    let campaign = try code(texts.campaigns, try reader.readVarint())
    let page = try code(texts.pages, try reader.readVarint())
    let user = try code(texts.users, try reader.readVarint())
    let amount = try reader.readSignedVarint()
    let currency = try code(texts.currencies, try reader.readVarint())
    return SessionEvent(
      time: time, source: source, offset: offset, type: type, campaign: campaign, page: page, user: user,
      amount: amount, currency: currency)
  }
}

// As a key group stores them: buffered events; what to take out of the buffers again once these events are in.
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
