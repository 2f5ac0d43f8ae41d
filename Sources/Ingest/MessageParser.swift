internal import Columns
internal import Glibc

/// A member without a rule, or under a foreign name, by where it lies in the arena.
struct ExtraMember {
  /// The raw key without quotes.
  var rawKey: StringView
  /// The key, unescaped.
  var key: StringView
  /// The raw value.
  var value: StringView
  /// The object it was in; see `KeyEntry.level`.
  var level: Int
  /// The key of `DecodePlan` if it is an alias, else -1.
  var alias: Int
}

/// What became of the fields of one message, one bit a field.
struct FieldStates {
  /// The canonical member was there.
  var seen: UInt64 = 0
  /// The cell holds a value.
  var valid: UInt64 = 0
  var wrongType: UInt64 = 0
  var badTime: UInt64 = 0
  /// Decimals that lost digits.
  var rounded: UInt64 = 0
  /// Parents that are no objects, one bit a parent.
  var wrongParents: UInt64 = 0
  var seenParents: UInt64 = 0

  /// Forgets `fields`, whose member comes again: the last one counts.
  mutating func forget(_ fields: UInt64) {
    seen &= ~fields
    valid &= ~fields
    wrongType &= ~fields
    badTime &= ~fields
    rounded &= ~fields
  }
}

/// Parses one message after the other into the cells of a row. Strict RFC 8259.
///
/// Memory safety rests on one fact: the caller sets `end` just behind a `}`. Numbers, literals, keys of rules and white
/// space cannot contain that byte, so their scans need no bound; strings can, and check it. Everything that reads words
/// stays within the arena's padding. Positions are offsets into the arena, -1 says malformed.
@safe struct MessageParser {
  let plan: DecodePlan
  let arena: ByteArena
  /// The arena's first byte; renewed when the arena grows.
  var base: UnsafePointer<UInt8>
  /// The first cell of each field's column.
  let cells: UnsafePointer<UnsafeMutableRawPointer>
  let keys: UnsafeMutablePointer<KeyEntry>
  let successors: UnsafeMutablePointer<Int>
  let probes: UnsafeMutablePointer<NameTable.Probe>
  let objects: ObjectDictionary
  // The plan's, held here since every member asks for them.
  let keyCount: Int
  let emptyIsNull: UInt64
  let textFields: UInt64
  let booleanFields: UInt64
  let typeNames: NameTable.Probe
  let typesHaveAliases: Bool
  let required: UInt64
  let allFields: UInt64
  let typeField: Int
  let timeField: Int
  let latestTime: Int64
  /// The row that is being filled; the cells of a rejected message are filled again by the next.
  var row = 0
  var end = 0
  var hasControls = false
  var states = FieldStates()
  var extras: [ExtraMember] = []
  var timestamps = TimestampText()
  var number: NumberText
  /// How much worse than better the latest predictions of keys were; see `key(at:level:after:)`.
  var surprises = 0
  /// The key that `lookUp` read last.
  var rawKey = StringView.null
  var key = StringView.null

  init(_ plan: DecodePlan, _ arena: ByteArena, _ cells: UnsafePointer<UnsafeMutableRawPointer>) {
    self.plan = plan
    self.arena = arena
    unsafe base = UnsafePointer(arena.base)
    unsafe self.cells = unsafe cells
    unsafe keys = plan.keys
    unsafe successors = plan.successors
    unsafe probes = plan.probes
    objects = plan.objects
    keyCount = plan.keyCount
    emptyIsNull = plan.emptyIsNull
    textFields = plan.textFields
    booleanFields = plan.booleanFields
    typeNames = plan.shape.types.table.probe
    typesHaveAliases = plan.shape.types.hasAliases
    required = plan.required
    allFields = plan.allFields
    typeField = plan.typeField
    timeField = plan.timeField
    latestTime = plan.shape.latestTime
    unsafe number = NumberText(digits: UnsafePointer(arena.base))
  }

  /// Parses the message from its first `{` at `start` to `end`; whether it is well-formed.
  mutating func parse(from start: Int, to end: Int, hasControls: Bool) -> Bool {
    self.end = end
    self.hasControls = hasControls
    states = FieldStates()
    if !extras.isEmpty { extras.removeAll(keepingCapacity: true) }
    let first = skipSpace(start)
    guard unsafe base[first] == 0x7B else { return false }
    return members(at: first + 1, level: 0) == end && resolveAliases()
  }

  /// The first position from `start` that is not white space.
  @inline(__always)
  func skipSpace(_ start: Int) -> Int {
    if unsafe base[start] > 0x20 { return start }
    var i = start
    while unsafe base[i] == 0x20 || base[i] == 0x0A || base[i] == 0x0D || base[i] == 0x09 { i += 1 }
    return i
  }

  /// The members of an object, from behind its `{` to behind its `}`.
  mutating func members(at start: Int, level: Int) -> Int {
    var i = skipSpace(start)
    if unsafe base[i] == 0x7D { return i + 1 }
    var previous = keyCount + level
    while true {
      let found: Int
      (found, i) = key(at: i, level: level, after: previous)
      if i < 0 { return -1 }
      i = skipSpace(i)
      if found >= 0 {
        i = value(of: found, at: i)
        previous = found
      } else {
        i = extra(at: i, level: level, alias: -1)
      }
      if i < 0 { return -1 }
      i = skipSpace(i)
      let next = unsafe base[i]
      if next == 0x2C {
        i = skipSpace(i + 1)
      } else {
        return next == 0x7D && i < end ? i + 1 : -1
      }
    }
  }

  /// Keeps a member that has no field for later.
  private mutating func extra(at i: Int, level: Int, alias: Int) -> Int {
    let (key, rawKey) = (key, rawKey)
    let next = skipValue(at: i, depth: level == 0 ? 2 : 3)
    if next < 0 { return -1 }
    let value = StringView(offset: UInt32(i), length: Int32(next - i))
    extras.append(ExtraMember(rawKey: rawKey, key: key, value: value, level: level, alias: alias))
    return next
  }

  /// The value at `i` of the key `found`.
  @inline(__always)
  private mutating func value(of found: Int, at i: Int) -> Int {
    let entry = unsafe keys + found
    let target = unsafe entry.pointee.target
    let action = unsafe entry.pointee.action
    if action.rawValue < KeyAction.parent.rawValue {
      let bit: UInt64 = 1 << UInt64(target)
      if states.seen & bit != 0 { states.forget(bit) }
      states.seen |= bit
      return field(target, bit, action, at: i)
    }
    if action == .parent { return parent(target, at: i) }
    return alias(found, at: i)
  }

  /// An alias' value waits; its key may have been predicted, so it is read again.
  private mutating func alias(_ found: Int, at i: Int) -> Int {
    let entry = unsafe keys[found]
    let name = Int32(entry.length - 3)
    // The predicted spelling lies right before the value, except for white space; the plan's own text is the same.
    let copy = unsafe arena.append(plan.texts.base + entry.textOffset + 1, length: Int(name))
    unsafe base = UnsafePointer(arena.base)
    key = StringView(offset: UInt32(copy), length: name)
    rawKey = key
    return extra(at: i, level: entry.level, alias: found)
  }

  /// The object of parent `index`; null is an object of nulls.
  private mutating func parent(_ index: Int, at i: Int) -> Int {
    let bit: UInt64 = 1 << UInt64(index)
    if states.seenParents & bit != 0 {
      states.forget(plan.parentFields[index])
      states.wrongParents &= ~bit
      extras.removeAll { $0.level == index + 1 }
    }
    states.seenParents |= bit
    if unsafe base[i] == 0x7B { return object(of: index, at: i) }
    if isNull(at: i) { return i + 4 }
    states.wrongParents |= bit
    return skipValue(at: i, depth: 2)
  }

  /// Fills the fields whose canonical member is absent from the first alias that is there.
  private mutating func resolveAliases() -> Bool {
    guard extras.contains(where: { $0.alias >= 0 }) else { return true }
    for target in plan.fields.indices where states.seen & 1 << UInt64(target) == 0 {
      let mine = extras.filter { unsafe $0.alias >= 0 && keys[$0.alias].target == target }
      guard let rank = mine.map({ unsafe keys[$0.alias].aliasRank }).min(),
        let used = mine.last(where: { unsafe keys[$0.alias].aliasRank == rank })
      else { continue }
      let bit: UInt64 = 1 << UInt64(target)
      states.seen |= bit
      let action = DecodePlan.action(of: plan.fields[target].kind)
      if field(target, bit, action, at: Int(used.value.offset)) < 0 { return false }
      extras.removeAll { $0.alias == used.alias }
    }
    return true
  }
}
