public import Columns
public import Encodings

/// The sessions of a key group that can still change: each key's buffered events, in order.
///
/// A live answer is the definition over the buffered events; a session leaves when it is sealed (SEMANTICS §9): no
/// admissible event can touch it any more. Keys are looked at when they may have something to seal, by buckets of a
/// minute of event time, so an advance costs O(keys that are due).
public struct OpenSessions: Sendable {
  /// One key's buffered events. A class, so that appending to one does not copy the table of keys.
  ///
  /// `@unchecked Sendable`: reached only through the one `OpenSessions` that its key group owns.
  private final class Key: @unchecked Sendable {
    let bytes: [UInt8]
    var events: [SessionEvent] = []

    init(bytes: [UInt8]) { self.bytes = bytes }
  }

  public let rules: SessionRules
  public let table: SessionTable
  private var keys: [Hash128: Key] = [:]
  private var due: [Int64: [Hash128]] = [:]
  private var earliestDue = EventTime.distantFuture
  private var horizon = EventTime.distantPast
  private var interner = Interner()

  public init(rules: SessionRules, table: SessionTable) {
    self.rules = rules
    self.table = table
  }

  public var keyCount: Int { keys.count }

  /// Takes an admissible event into its key's buffer. O(1) in order, else O(buffered events of the key).
  public mutating func insert(_ events: EventBatch, row: Int) {
    let event = SessionEvent(events, row: row, interner: &interner)
    insert(event, hash: events.sessionHashes[row]) { events.sessionKey(row) }
  }

  private mutating func insert(_ event: SessionEvent, hash: Hash128, bytes: () -> [UInt8]) {
    guard let key = keys[hash] else {
      let key = Key(bytes: bytes())
      key.events = [event]
      keys[hash] = key
      schedule(hash, at: saturatingAdd(event.time, rules.gapMilliseconds))
      return
    }
    if let last = key.events.last, event < last {
      var low = 0
      var high = key.events.count
      while low < high {
        let middle = (low + high) / 2
        if key.events[middle] < event { low = middle + 1 } else { high = middle }
      }
      key.events.insert(event, at: low)
    } else {
      key.events.append(event)
    }
  }

  /// Appends the rows of all sessions that are sealed at `horizon` (the watermark less the allowed lateness).
  public mutating func seal(at horizon: Int64, into rows: inout BatchBuilder) {
    self.horizon = max(self.horizon, horizon)
    guard earliestDue <= bucket(horizon) else { return }
    let ready = due.keys.filter { $0 <= bucket(horizon) }
    for bucket in ready {
      for hash in due.removeValue(forKey: bucket) ?? [] { seal(hash, at: horizon, into: &rows) }
    }
    earliestDue = due.keys.min() ?? EventTime.distantFuture
  }

  private mutating func seal(_ hash: Hash128, at horizon: Int64, into rows: inout BatchBuilder) {
    guard let key = keys[hash] else { return }
    let sealed = rules.sealedPrefix(of: key.events, horizon: horizon)
    for range in sealed {
      table.append(key: key.bytes, events: key.events[range], interner: interner, to: &rows)
    }
    if let end = sealed.last?.upperBound { key.events.removeFirst(end) }
    guard let last = key.events.last else {
      keys[hash] = nil
      return
    }
    // A key that is never quiet is looked at once a gap all the same: its early sessions may be sealed by length or
    // size.
    let quiet = saturatingAdd(last.time, rules.gapMilliseconds)
    schedule(hash, at: min(quiet, saturatingAdd(horizon, rules.gapMilliseconds)))
  }

  private mutating func schedule(_ hash: Hash128, at time: Int64) {
    // The next bucket: in its own one the key might be asked before its time has come.
    let bucket = max(bucket(time), bucket(horizon)) + 1
    due[bucket, default: []].append(hash)
    earliestDue = min(earliestDue, bucket)
  }

  private func bucket(_ time: Int64) -> Int64 { EventTime.floorDivide(time, EventTime.minute) }

  /// Appends the rows of all open sessions, as the definition over what is buffered gives them.
  public func appendOpen(to rows: inout BatchBuilder) {
    for key in keys.values {
      for range in rules.sessions(of: key.events) {
        table.append(key: key.bytes, events: key.events[range], interner: interner, to: &rows)
      }
    }
  }

  // MARK: - Snapshot

  /// Writes all buffered events, and only the texts that they use.
  public func encode(into writer: inout ByteWriter) {
    var live = Interner()
    var body = ByteWriter()
    for key in keys.values {
      body.write(bytes: key.bytes)
      body.writeVarint(UInt64(key.events.count))
      for event in key.events { encode(event, live: &live, into: &body) }
    }
    writer.write(horizon)
    live.encode(into: &writer)
    writer.writeVarint(UInt64(keys.count))
    writer.writeRaw(body.bytes.span)
  }

  private func encode(_ event: SessionEvent, live: inout Interner, into writer: inout ByteWriter) {
    func code(_ old: UInt32) -> UInt64 { interner.text(old).map { UInt64(live.intern($0.span)) } ?? 0 }
    writer.write(event.time)
    writer.writeVarint(UInt64(UInt32(bitPattern: event.source)))
    writer.writeSignedVarint(event.offset)
    writer.write(event.type)
    writer.writeVarint(code(event.campaign))
    writer.writeVarint(code(event.page))
    writer.writeVarint(code(event.user))
    writer.writeSignedVarint(event.amount)
    writer.writeVarint(code(event.currency))
  }

  /// Adds the keys of a snapshot that `belongs` accepts.
  public mutating func restore(
    from reader: inout ByteReader, where belongs: ([UInt8]) -> Bool
  ) throws(CorruptionError) {
    horizon = max(horizon, try reader.readInt64())
    let texts = try Interner(from: &reader)
    for _ in 0..<(try reader.readVarint()) {
      let bytes = try reader.readBytes()
      let isOurs = belongs(bytes)
      let hash = Hash.hash128(bytes.span)
      for _ in 0..<(try reader.readVarint()) {
        let event = try decodeEvent(from: &reader, texts: texts)
        if isOurs { insert(event, hash: hash) { bytes } }
      }
    }
  }

  private mutating func decodeEvent(
    from reader: inout ByteReader, texts: Interner
  ) throws(CorruptionError) -> SessionEvent {
    let time = try reader.readInt64()
    let source = Int32(truncatingIfNeeded: try reader.readVarint())
    let offset = try reader.readSignedVarint()
    let type = try reader.readUInt8()
    let campaign = try code(from: &reader, texts: texts)
    let page = try code(from: &reader, texts: texts)
    let user = try code(from: &reader, texts: texts)
    let amount = try reader.readSignedVarint()
    let currency = try code(from: &reader, texts: texts)
    return SessionEvent(
      time: time, source: source, offset: offset, type: type, campaign: campaign, page: page, user: user,
      amount: amount, currency: currency)
  }

  private mutating func code(from reader: inout ByteReader, texts: Interner) throws(CorruptionError) -> UInt32 {
    let code = try reader.readVarint()
    guard code < UInt64(texts.count) else { throw CorruptionError("a session names text \(code) of \(texts.count)") }
    return texts.text(UInt32(code)).map { interner.intern($0.span) } ?? 0
  }
}
