internal import Columns
internal import Glibc

/// What one pass over texts tells of them; it also checks that every view is inside its arena.
struct TextSummary {
  private(set) var rowCount = 0
  private(set) var nullCount = 0
  private(set) var byteCount = 0
  private(set) var longest = 0
  private(set) var shortest = Int.max
  /// Whether all texts are equal to the first row's.
  private(set) var isConstant = true
  /// The smallest and the largest `ZoneMap.prefix`.
  private(set) var minimum = UInt64.max
  private(set) var maximum = UInt64.min

  var isAllNull: Bool { nullCount == rowCount }
  var zoneMap: ZoneMap { isAllNull ? .empty : .prefixes(minimum, maximum) }
  /// How many bytes all texts begin with, up to eight.
  var prefixLength: Int { isAllNull ? 0 : PackedText.prefixLength(minimum, maximum, shortest: shortest) }

  init(_ parts: [StringColumn]) {
    guard let first = parts.first(where: { $0.rowCount > 0 }) else { return }
    for part in parts { add(part, first.views[0], in: first.arena) }
  }

  private mutating func add(_ part: StringColumn, _ first: StringView, in firstArena: ByteArena) {
    let views = part.views.span
    let arenaCount = part.arena.count
    var summary = self
    summary.rowCount += views.count
    // Reads of eight bytes begin inside the arena and end in its padding; those behind a text are masked away.
    let base = unsafe UnsafeRawPointer(part.arena.base)
    for row in views.indices {
      let view = views[row]
      guard !view.isNull else {
        summary.nullCount += 1
        continue
      }
      let (offset, length) = (Int(view.offset), Int(view.length))
      precondition(offset + length <= arenaCount, "a string view points outside its arena")
      summary.byteCount += length
      summary.longest = max(summary.longest, length)
      summary.shortest = min(summary.shortest, length)
      let word = unsafe UInt64(bigEndian: (base + offset).loadUnaligned(as: UInt64.self))
      let prefix = length >= 8 ? word : word & ~(UInt64.max >> UInt64(8 * length))
      summary.minimum = min(summary.minimum, prefix)
      summary.maximum = max(summary.maximum, prefix)
      if summary.isConstant {
        summary.isConstant =
          unsafe length == Int(first.length)
          && memcmp(base + offset, firstArena.base + Int(first.offset), length) == 0
      }
    }
    self = summary
  }
}
