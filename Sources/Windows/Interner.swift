public import Columns
public import Encodings

/// Gives texts small codes, so that buffered rows hold four bytes in place of a text. Code 0 means no text.
///
/// Texts lie one behind the other; an open-addressing table finds their codes by hash and then by their bytes.
/// Amortized O(bytes) to intern, O(length) to look up.
public struct Interner: Sendable {
  private var bytes: [UInt8] = []
  /// Where each text ends; that of code 0, which is none, is 0.
  private var ends: [Int] = [0]
  private var hashes: [UInt64] = [0]
  /// Codes by hash; 0 is an empty slot.
  private var slots = [UInt32](repeating: 0, count: 64)

  public init() {}

  /// The number of texts, and one.
  public var count: Int { ends.count }

  /// The bytes behind `code`, nil for code 0.
  public func text(_ code: UInt32) -> [UInt8]? {
    code == 0 ? nil : Array(bytes[ends[Int(code) - 1]..<ends[Int(code)]])
  }

  /// The code of `row`'s cell; 0 for a null or an empty text.
  public mutating func intern(_ column: StringColumn, row: Int) -> UInt32 {
    guard column.views[row].length > 0 else { return 0 }
    return intern(column.bytes(row))
  }

  public mutating func intern(_ text: Span<UInt8>) -> UInt32 {
    let hash = Hash.hash64(text)
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] != 0 {
      if hashes[Int(slots[slot])] == hash, matches(slots[slot], text) { return slots[slot] }
      slot = (slot + 1) & (slots.count - 1)
    }
    let code = UInt32(ends.count)
    unsafe text.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    ends.append(bytes.count)
    hashes.append(hash)
    slots[slot] = code
    if ends.count * 2 > slots.count { grow() }
    return code
  }

  private func matches(_ code: UInt32, _ text: Span<UInt8>) -> Bool {
    let start = ends[Int(code) - 1]
    guard ends[Int(code)] - start == text.count else { return false }
    let known = bytes.span.extracting(start..<start + text.count)
    var index = 0
    while index < text.count, known[index] == text[index] { index += 1 }
    return index == text.count
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    for code in 1..<ends.count {
      var slot = Int(truncatingIfNeeded: hashes[code]) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = UInt32(code)
    }
  }

  public func encode(into writer: inout ByteWriter) {
    writer.writeVarint(UInt64(ends.count - 1))
    for code in 1..<max(ends.count, 1) { writer.write(bytes: bytes.span.extracting(ends[code - 1]..<ends[code])) }
  }

  public init(from reader: inout ByteReader) throws(CorruptionError) {
    self.init()
    let count = try reader.readVarint()
    for _ in 0..<count {
      let text = try reader.readBytes()
      _ = intern(text.span)
    }
  }
}
