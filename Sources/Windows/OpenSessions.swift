public import Columns
public import Encodings

/// The sessions of a key group that can still change: each key's buffered events, in order.
///
/// A live answer is the definition over the buffered events; a session leaves when it is sealed (SEMANTICS §9): no
/// admissible event can touch it any more. Keys are looked at when they may have something to seal, by buckets of a
/// minute of event time, so an advance costs O(keys that are due). Memory is bounded by the buffered events: texts
/// that only sealed sessions used are dropped when they outnumber the others.
public struct OpenSessions: Sendable {
  /// One key's buffered events. Every key in use stands in its bucket of `due`; what stands in others is outdated.
  private struct Key: Sendable {
    var hash: Hash128
    var bytes: [UInt8]
    var events: [SessionEvent]
    /// The user seen last, by hash and by code: mostly that of the next event too.
    var user: (hash: UInt64, code: UInt32)
    var dueBucket = Int64.max
  }

  public let rules: SessionRules
  public let table: SessionTable
  /// By code less one; the codes in `unused` hold no key.
  private var keys: [Key] = []
  private var unused: [UInt32] = []
  private var codes = HashIndex()
  private var due: [Int64: [UInt32]] = [:]
  private var earliestDue = EventTime.distantFuture
  /// Up to here sessions were sealed.
  private(set) var horizon = EventTime.distantPast
  private var texts = SessionTexts()
  /// When `texts` holds more than this, most of it is probably of sealed sessions.
  private var textLimit: Int
  private let leastTextLimit: Int

  /// - Parameter leastTextLimit: the number of texts that are never looked through for unused ones.
  public init(rules: SessionRules, table: SessionTable, leastTextLimit: Int = 1 << 17) {
    self.rules = rules
    self.table = table
    self.leastTextLimit = leastTextLimit
    textLimit = leastTextLimit
  }

  public var keyCount: Int { codes.count }

  /// Takes admissible events into their keys' buffers. O(1) each in order, else O(buffered events of the key).
  public mutating func insert(_ events: EventBatch, rows: SelectionVector) {
    let reader = SessionEventReader(events, valued: table.measures.revenue)
    // First the keys of all, each a cache miss, in a loop of their own: the processor waits for several at a time.
    let known = rows.map { find(events.sessionHashes[Int($0)]) }
    for (selected, known) in zip(rows, known) {
      let row = Int(selected)
      let hash = events.sessionHashes[row]
      let code = known ?? find(hash) ?? add(hash, bytes: events.sessionKey(row), firstTime: events.times[row])
      let index = Int(code) - 1
      let user = reader.hasUser(row) ? user(events.userHashes[row], of: index) { reader.user(row, texts: &$0) } : 0
      append(reader.event(row, user: user, texts: &texts), to: index)
    }
  }

  /// The code of the user with that hash, whose text is `interned` only if the key's last event had another.
  @inline(__always)
  private mutating func user(_ hash: UInt64, of index: Int, interned: (inout SessionTexts) -> UInt32) -> UInt32 {
    if keys[index].user.code == 0 || keys[index].user.hash != hash { keys[index].user = (hash, interned(&texts)) }
    return keys[index].user.code
  }

  private func find(_ hash: Hash128) -> UInt32? {
    let keys = keys.span
    return codes.find(hash.low) { keys[Int($0) - 1].hash == hash }
  }

  private mutating func add(_ hash: Hash128, bytes: [UInt8], firstTime: Int64) -> UInt32 {
    var key = Key(hash: hash, bytes: bytes, events: [], user: (0, 0))
    // Most sessions have several events: room for them at once, in place of growing from one.
    key.events.reserveCapacity(4)
    let code: UInt32
    if let reused = unused.popLast() {
      code = reused
      keys[Int(code) - 1] = key
    } else {
      keys.append(key)
      code = UInt32(keys.count)
    }
    codes.insert(code, hash: hash.low)
    schedule(code, at: saturatingAdd(firstTime, rules.gapMilliseconds))
    return code
  }

  private mutating func append(_ event: SessionEvent, to index: Int) {
    guard let last = keys[index].events.last, event < last else {
      keys[index].events.append(event)
      return
    }
    // It may stand in a session of its own, which is sealed before the others.
    schedule(UInt32(index + 1), at: saturatingAdd(event.time, rules.gapMilliseconds))
    var low = 0
    var high = keys[index].events.count
    while low < high {
      let middle = (low + high) / 2
      if keys[index].events[middle] < event { low = middle + 1 } else { high = middle }
    }
    keys[index].events.insert(event, at: low)
  }

  // MARK: - Sealing

  /// Appends the rows of all sessions that are sealed at `horizon` (the watermark less the allowed lateness).
  public mutating func seal(at horizon: Int64, into rows: inout BatchBuilder) {
    self.horizon = max(self.horizon, horizon)
    guard earliestDue <= bucket(horizon) else { return }
    let ready = due.keys.filter { $0 <= bucket(horizon) }
    for bucket in ready {
      for code in due.removeValue(forKey: bucket) ?? [] where keys[Int(code) - 1].dueBucket == bucket {
        seal(code, at: horizon, into: &rows)
      }
    }
    earliestDue = due.keys.min() ?? EventTime.distantFuture
    if texts.count > textLimit { dropUnusedTexts() }
  }

  /// Appends the rows of all sessions: the input has ended. The horizon stays where the data left it, since more may
  /// come in a later run, whose sessions are due by it.
  public mutating func sealAll(into rows: inout BatchBuilder) {
    for index in keys.indices where !keys[index].events.isEmpty {
      seal(UInt32(index + 1), at: EventTime.distantFuture, into: &rows)
    }
    due = [:]
    earliestDue = EventTime.distantFuture
  }

  private mutating func seal(_ code: UInt32, at horizon: Int64, into rows: inout BatchBuilder) {
    let index = Int(code) - 1
    let sealed = rules.sealedPrefix(of: keys[index].events, horizon: horizon)
    for range in sealed {
      table.append(key: keys[index].bytes, events: keys[index].events[range], texts: texts, to: &rows)
    }
    if let end = sealed.last?.upperBound { keys[index].events.removeFirst(end) }
    keys[index].dueBucket = .max
    guard let next = rules.sessions(of: keys[index].events).first else { return remove(code) }
    schedule(code, at: saturatingAdd(keys[index].events[next.upperBound - 1].time, rules.gapMilliseconds))
  }

  private mutating func remove(_ code: UInt32) {
    let index = Int(code) - 1
    codes.remove(code, hash: keys[index].hash.low)
    keys[index].bytes = []
    keys[index].events = []
    keys[index].dueBucket = .max
    unused.append(code)
  }

  /// Lets the key be looked at `time` or earlier; a minute or two later, since that is done by the minute.
  private mutating func schedule(_ code: UInt32, at time: Int64) {
    // The next bucket: in its own one the key might be asked before its time has come.
    let bucket = max(bucket(time), bucket(horizon)) + 1
    guard bucket < keys[Int(code) - 1].dueBucket else { return }
    keys[Int(code) - 1].dueBucket = bucket
    due[bucket, default: []].append(code)
    earliestDue = min(earliestDue, bucket)
  }

  private func bucket(_ time: Int64) -> Int64 { EventTime.floorDivide(time, EventTime.minute) }

  private mutating func dropUnusedTexts() {
    var copy = SessionTextsCopy(of: texts)
    for index in keys.indices {
      for position in keys[index].events.indices {
        keys[index].events[position] = copy.event(keys[index].events[position])
      }
      keys[index].user = (0, 0)
    }
    texts = copy.target
    textLimit = max(leastTextLimit, texts.count * 2)
  }

  // MARK: - Looking

  /// Appends the rows of all open sessions, as the definition over what is buffered gives them.
  public func appendOpen(to rows: inout BatchBuilder) {
    for key in keys { appendOpen(key, to: &rows) }
  }

  /// Appends the rows of the open sessions of the key that hashes to `hash`.
  public func appendOpen(of hash: Hash128, to rows: inout BatchBuilder) {
    if let code = find(hash) { appendOpen(keys[Int(code) - 1], to: &rows) }
  }

  private func appendOpen(_ key: Key, to rows: inout BatchBuilder) {
    for range in rules.sessions(of: key.events) {
      table.append(key: key.bytes, events: key.events[range], texts: texts, to: &rows)
    }
  }

  /// Appends the newest session of each key whose last event is after `time`, at most `limit` of them, those of the
  /// newest last events first; returns how many there are. O(keys + limit log limit).
  public func appendActive(after time: Int64, limit: Int, to rows: inout BatchBuilder) -> Int {
    let active = keys.indices.filter { (keys[$0].events.last?.time ?? .min) > time }
    let newest = active.sorted {
      keys[$0].events[keys[$0].events.count - 1].time
        > keys[$1].events[keys[$1].events.count - 1].time
    }
    for index in newest.prefix(limit) {
      guard let last = rules.sessions(of: keys[index].events).last else { continue }
      table.append(key: keys[index].bytes, events: keys[index].events[last], texts: texts, to: &rows)
    }
    return active.count
  }
}

// MARK: - Snapshot

extension OpenSessions {
  /// Writes all buffered events, and only the texts that they use.
  public func encode(into writer: inout ByteWriter) {
    var copy = SessionTextsCopy(of: texts)
    var body = ByteWriter()
    for key in keys where !key.events.isEmpty {
      body.write(bytes: key.bytes)
      body.writeVarint(UInt64(key.events.count))
      for event in key.events { encode(copy.event(event), into: &body) }
    }
    writer.write(horizon)
    copy.target.encode(into: &writer)
    writer.writeVarint(UInt64(keyCount))
    writer.writeRaw(body.bytes.span)
  }

  private func encode(_ event: SessionEvent, into writer: inout ByteWriter) {
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
    horizon = max(horizon, try reader.readInt64())
    let stored = try SessionTexts(from: &reader)
    var copy = SessionTextsCopy(of: stored, into: texts)
    for _ in 0..<(try reader.readVarint()) {
      let bytes = try reader.readBytes()
      let isOurs = belongs(bytes)
      let hash = Hash.hash128(bytes.span)
      for _ in 0..<(try reader.readVarint()) {
        let event = try decodeEvent(from: &reader, texts: stored)
        guard isOurs else { continue }
        let code = find(hash) ?? add(hash, bytes: bytes, firstTime: event.time)
        append(copy.event(event), to: Int(code) - 1)
      }
    }
    texts = copy.target
  }

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
