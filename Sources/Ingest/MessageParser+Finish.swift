internal import Columns

/// What the checks of a well-formed message say.
enum Verdict {
  case accepted(type: UInt8)
  case rejected(DeadLetterReason, field: String?)
}

extension MessageParser {
  /// The checks of a message that was parsed, in the order of the reasons; an accepted one's row is complete
  /// afterwards.
  mutating func finish(rawOffset: Int, rawLength: Int) -> Verdict {
    let missing = required & ~(states.valid | states.wrongType | states.badTime)
    if missing | states.wrongType | states.badTime | states.wrongParents != 0 { return complaint(missing) }
    let time = unsafe cells[timeField].assumingMemoryBound(to: Int64.self)[row]
    if states.valid & 1 << UInt64(timeField) != 0, time <= 0 || time > latestTime {
      return .rejected(.absurdTime, field: plan.fields[timeField].name)
    }
    let type = view(typeField)
    guard let code = typeCode(type) else {
      return .rejected(.unknownEventType, field: plan.fields[typeField].name)
    }
    if typesHaveAliases { storeKnownName(of: code, type) }
    storeAbsent()
    if let identity = plan.identityField, states.valid & 1 << UInt64(identity) == 0 {
      store(identityText(rawOffset, rawLength), identity)
    }
    if let overflow = plan.overflowField { finishOverflow(overflow) }
    return .accepted(type: code)
  }

  /// Nulls into the cells of fields that the message does not have: two straight loops, since most are text.
  @inline(__always)
  private func storeAbsent() {
    let absent = allFields & ~states.seen
    var texts = absent & textFields
    while texts != 0 {
      store(MessageParser.nullView, texts.trailingZeroBitCount)
      texts &= texts &- 1
    }
    var others = absent & ~textFields
    while others != 0 {
      storeNull(others.trailingZeroBitCount)
      others &= others &- 1
    }
  }

  /// The code of the type that `view` names: by its name at once, by a pattern the longer way.
  @inline(__always)
  private func typeCode(_ view: StringView) -> UInt8? {
    let (start, length) = (Int(view.offset), Int(max(view.length, 0)))
    let code = unsafe typeNames.value(of: base + start, length)
    return code >= 0 ? UInt8(code) : unsafe plan.shape.types.code(at: base + start, length)
  }

  private func view(_ field: Int) -> StringView {
    unsafe cells[field].assumingMemoryBound(to: StringView.self)[row]
  }

  private func complaint(_ missing: UInt64) -> Verdict {
    if missing != 0 {
      let field = plan.requiredOrder.first { missing & 1 << UInt64($0) != 0 } ?? 0
      return .rejected(.missingField, field: plan.fields[field].name)
    }
    if states.wrongType != 0 {
      return .rejected(.wrongType, field: plan.fields[states.wrongType.trailingZeroBitCount].name)
    }
    if states.wrongParents != 0 {
      return .rejected(.wrongType, field: plan.parentNames[states.wrongParents.trailingZeroBitCount])
    }
    return .rejected(.badTime, field: plan.fields[states.badTime.trailingZeroBitCount].name)
  }

  /// Puts the known name into the type's cell where the message has a foreign one; patterns keep what the message says.
  private mutating func storeKnownName(of code: UInt8, _ type: StringView) {
    let types = plan.shape.types
    let name = types.nameBytes[Int(code)]
    if name.last == 0x2A { return }
    let isSame =
      name.count == Int(type.length)
      && name.indices.allSatisfy { unsafe base[Int(type.offset) + $0] == name[$0] }
    if !isSame { store(append(name), typeField) }
  }

  /// The 32 hexadecimal digits of the raw message's hash.
  private mutating func identityText(_ offset: Int, _ length: Int) -> StringView {
    let hash = unsafe Hash.hash128(base + offset, length)
    var digits: [UInt8] = []
    for word in [hash.high, hash.low] {
      for shift in stride(from: UInt64(60), through: 0, by: -4) {
        let digit = UInt8(truncatingIfNeeded: word >> shift & 15)
        digits.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
      }
    }
    return append(digits)
  }

  private mutating func append(_ bytes: [UInt8]) -> StringView {
    let offset = arena.append(bytes.span)
    unsafe base = UnsafePointer(arena.base)
    return StringView(offset: UInt32(offset), length: Int32(bytes.count))
  }

  /// The overflow cell: the object of the column's own rule, followed by the members that no rule names.
  private mutating func finishOverflow(_ field: Int) {
    let own = view(field)
    if extras.isEmpty {
      if own.length >= 0, unsafe base[skipSpace(Int(own.offset) + 1)] == 0x7D { store(StringView.null, field) }
      return
    }
    let members = (own.length >= 0 ? ownMembers(own) : []) + extras
    var last: [[UInt8]: Int] = [:]
    let names = members.map { member in
      (member.level > 0 ? Array("\(plan.parentNames[member.level - 1]).".utf8) : []) + bytes(member.key)
    }
    for (index, name) in names.enumerated() { last[name] = index }
    var object: [UInt8] = []
    for (index, member) in members.enumerated() where last[names[index]] == index {
      object.append(object.isEmpty ? 0x7B : 0x2C)
      object.append(0x22)
      if member.level > 0 { object += "\(plan.parentNames[member.level - 1]).".utf8 }
      object += bytes(member.rawKey)
      object += [0x22, 0x3A]
      object += bytes(member.value)
    }
    object.append(0x7D)
    store(append(object), field)
  }

  private func bytes(_ view: StringView) -> [UInt8] {
    unsafe [UInt8](UnsafeBufferPointer(start: base + Int(view.offset), count: Int(view.length)))
  }

  /// The members of an object that was found sound before.
  private mutating func ownMembers(_ object: StringView) -> [ExtraMember] {
    var members: [ExtraMember] = []
    var i = skipSpace(Int(object.offset) + 1)
    while unsafe base[i] == 0x22 {
      let (next, key) = text(at: i + 1)
      let rawKey = StringView(offset: UInt32(i + 1), length: Int32(next - i - 2))
      let start = skipSpace(skipSpace(next) + 1)
      let stop = skipValue(at: start, depth: 3)
      guard next >= 0, stop >= 0 else { break }
      let value = StringView(offset: UInt32(start), length: Int32(stop - start))
      members.append(ExtraMember(rawKey: rawKey, key: key, value: value, level: 0, alias: -1))
      i = skipSpace(stop)
      if unsafe base[i] == 0x2C { i = skipSpace(i + 1) }
    }
    return members
  }
}
