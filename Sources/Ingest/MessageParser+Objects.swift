internal import Columns

extension MessageParser {
  /// The members of parent `index`, whose `{` lies at `i`: remembered or parsed.
  @inline(__always)
  mutating func object(of index: Int, at i: Int) -> Int {
    guard objects.isWorthwhile(index) else { return parsedObject(of: index, at: i) }
    let key = unsafe ObjectDictionary.key(base + i)
    // The message's own brace is not the object's.
    guard let entry = unsafe objects.find(key, index, base + i, limit: end - 1 - i) else {
      return newObject(of: index, at: i, key: key)
    }
    states.seen |= entry.seen
    states.valid |= entry.valid
    for index in 0..<entry.cellCount {
      let cell = objects.cell(index, of: entry)
      if cell.isByte {
        store(UInt8(truncatingIfNeeded: cell.bits), cell.target)
      } else {
        store(cell.bits &+ cell.base &* UInt64(truncatingIfNeeded: i), cell.target)
      }
    }
    return i + entry.length
  }

  private mutating func parsedObject(of index: Int, at i: Int) -> Int {
    let next = members(at: i + 1, level: index + 1)
    return next < end ? next : -1
  }

  /// Parses the object and keeps what came out, unless more came out than values of this place: text in the arena,
  /// members without a rule, complaints.
  private mutating func newObject(of index: Int, at i: Int, key: UInt64) -> Int {
    objects.review(index)
    let (extraCount, arenaCount) = (extras.count, arena.count)
    let next = parsedObject(of: index, at: i)
    let fields = plan.parentFields[index]
    let complaints = states.wrongType | states.badTime | states.rounded
    guard next >= 0, extras.count == extraCount, arena.count == arenaCount, complaints & fields == 0 else {
      return next
    }
    let seen = states.seen & fields
    guard unsafe objects.insert(key, base + i, length: next - i, seen: seen, valid: states.valid & fields) else {
      return next
    }
    var rest = seen
    while rest != 0 {
      objects.append(cell(of: rest.trailingZeroBitCount, objectAt: i))
      rest &= rest - 1
    }
    return next
  }

  /// The value that `field` has in this row.
  private func cell(of field: Int, objectAt i: Int) -> ObjectDictionary.Cell {
    let bit: UInt64 = 1 << UInt64(field)
    if booleanFields & bit != 0 {
      let value = unsafe cells[field].assumingMemoryBound(to: UInt8.self)[row]
      return ObjectDictionary.Cell(bits: UInt64(value), base: 0, target: field, isByte: true)
    }
    let bits = unsafe cells[field].loadUnaligned(fromByteOffset: row * 8, as: UInt64.self)
    // Text that is there: the offset is the view's lower half. Null views point nowhere.
    let isPlaced = textFields & states.valid & bit != 0
    return ObjectDictionary.Cell(
      bits: isPlaced ? bits &- UInt64(truncatingIfNeeded: i) : bits, base: isPlaced ? 1 : 0, target: field,
      isByte: false)
  }
}
