internal import Columns

/// Reads the plain bytes of a page, and trusts none of them: what it gives lies inside the page.
///
/// Where `ByteReader` copies, this one tells where bytes lie, so that columns of text can point to them.
struct PageReader {
  let page: ByteArena
  /// How many bytes were read so far.
  private(set) var offset = 0

  init(_ page: ByteArena) { self.page = page }

  /// How many bytes are left.
  var remaining: Int { page.count - offset }

  mutating func readUInt8() throws(CorruptionError) -> UInt8 {
    let position = try pass(over: 1, of: "a number")
    return page.span[position]
  }

  /// Passes over `count` bytes and says where they begin.
  mutating func pass(over count: Int, of what: String) throws(CorruptionError) -> Int {
    guard count >= 0, count <= remaining else {
      throw CorruptionError("\(count) bytes of \(what) should follow, but only \(remaining) bytes do", offset: offset)
    }
    defer { offset += count }
    return offset
  }

  mutating func readVarint() throws(CorruptionError) -> UInt64 {
    let start = offset
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try readUInt8()
      guard shift < 63 || (shift == 63 && byte <= 1) else {
        throw CorruptionError("a varint is longer than 64 bits", offset: start)
      }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }

  mutating func readSignedVarint() throws(CorruptionError) -> Int64 {
    let value = try readVarint()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// A varint that is at most `limit`, of which things there are that many at most.
  mutating func readCount(of what: String, atMost limit: Int) throws(CorruptionError) -> Int {
    let start = offset
    let count = try readVarint()
    guard count <= UInt64(max(limit, 0)) else {
      throw CorruptionError("\(count) \(what) are declared, but at most \(limit) can be", offset: start)
    }
    return Int(count)
  }

  /// Throws unless all was read.
  func finish() throws(CorruptionError) {
    guard remaining == 0 else { throw CorruptionError("a page has \(remaining) bytes too many", offset: offset) }
  }
}
