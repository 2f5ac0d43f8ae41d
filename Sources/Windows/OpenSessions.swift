public import Columns

/// The sessions of a key group that can still change: each key's buffered events, in order.
///
/// A live answer is the definition over the buffered events; a session leaves when it is sealed (SEMANTICS §9): no
/// admissible event can touch it any more. Keys are looked at when they may have something to seal, by buckets of a
/// minute of event time, so an advance costs O(keys that are due). Memory is bounded by the buffered events: texts
/// that only sealed sessions used are dropped when they outnumber the others.
public struct OpenSessions: Sendable {
  /// One key's buffered events. Every key in use stands in its bucket of `due`; what stands in others is outdated.
  ///
  /// 64 bytes. What every event looks at comes first: for the rest many would wait for one more cache line.
  struct Key: Sendable {
    var hash: Hash128
    var events: [SessionEvent]
    var mark = SessionWriter.Mark()
    /// The user seen last, by hash and by code: mostly that of the next event too.
    var user: (hash: UInt64, code: UInt32)
    /// The user of the latest row that was recorded.
    var recordedUser: UInt32 = 0
    var bytes: [UInt8]
    var dueBucket = Int64.max
  }

  public let rules: SessionRules
  public let table: SessionTable
  /// By code less one; the codes in `unused` hold no key.
  var keys: [Key] = []
  var unused: [UInt32] = []
  var codes = HashIndex()
  var due: [Int64: [UInt32]] = [:]
  var earliestDue = EventTime.distantFuture
  /// Up to where was sealed.
  var horizon = EventTime.distantPast
  var texts = SessionTexts()
  /// Events in all buffers.
  public internal(set) var eventCount = 0
  /// What was taken in since the last snapshot, where that is recorded.
  private(set) var arrivals: SessionWriter?
  private var writerCount: UInt32 = 0
  /// What was sealed since `takeSealed`, where that is recorded.
  var sealed: [SealedPrefix]?
  /// When `texts` holds more than this, most of it is probably of sealed sessions.
  var textLimit: Int
  let leastTextLimit: Int

  /// - Parameters:
  ///   - recordsSealed: whether what is sealed is kept for `takeSealed`.
  ///   - leastTextLimit: the number of texts that are never looked through for unused ones.
  public init(rules: SessionRules, table: SessionTable, recordsSealed: Bool = false, leastTextLimit: Int = 1 << 17) {
    self.rules = rules
    self.table = table
    sealed = recordsSealed ? [] : nil
    self.leastTextLimit = leastTextLimit
    textLimit = leastTextLimit
  }

  public var keyCount: Int { codes.count }

  /// Takes admissible events into their keys' buffers. O(1) each in order, else O(buffered events of the key).
  public mutating func insert(_ events: EventBatch, rows: SelectionVector) {
    let reader = SessionEventReader(events, valued: table.measures.revenue)
    // First the keys of all, each a cache miss, in a loop of their own: the processor waits for several at a time.
    let known = rows.map { find(events.sessionHashes[Int($0)]) }
    var taken: [SessionEvent] = []
    var indices: [Int] = []
    let isRecorded = arrivals != nil
    if isRecorded {
      taken.reserveCapacity(rows.count)
      indices.reserveCapacity(rows.count)
    }
    for (selected, known) in zip(rows, known) {
      let row = Int(selected)
      let hash = events.sessionHashes[row]
      let code = known ?? find(hash) ?? add(hash, bytes: events.sessionKey(row), firstTime: events.times[row])
      let index = Int(code) - 1
      let user = reader.hasUser(row) ? user(events.userHashes[row], of: index) { reader.user(row, texts: &$0) } : 0
      let event = reader.event(row, user: user, texts: &texts)
      append(event, to: index)
      if isRecorded {
        taken.append(event)
        indices.append(index)
      }
    }
    arrivals?.append(taken, at: indices, in: &keys, texts: texts)
  }

  /// Begins to record what comes in, or ends it.
  mutating func record(_ records: Bool) {
    writerCount += 1
    arrivals = records ? SessionWriter(identifier: writerCount) : nil
  }

  /// The codes of `texts` have become others.
  mutating func forgetCodes() {
    arrivals?.forgetCodes()
    for index in keys.indices {
      keys[index].user = (0, 0)
      keys[index].recordedUser = .max
    }
  }

  /// The code of the user with that hash, whose text is `interned` only if the key's last event had another.
  @inline(__always)
  private mutating func user(_ hash: UInt64, of index: Int, interned: (inout SessionTexts) -> UInt32) -> UInt32 {
    if keys[index].user.code == 0 || keys[index].user.hash != hash { keys[index].user = (hash, interned(&texts)) }
    return keys[index].user.code
  }

  func find(_ hash: Hash128) -> UInt32? {
    let keys = keys.span
    return codes.find(hash.low) { keys[Int($0) - 1].hash == hash }
  }

  mutating func add(_ hash: Hash128, bytes: [UInt8], firstTime: Int64) -> UInt32 {
    var key = Key(hash: hash, events: [], user: (0, 0), bytes: bytes)
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

  mutating func append(_ event: SessionEvent, to index: Int) {
    eventCount += 1
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
}
