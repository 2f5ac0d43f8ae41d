internal import Columns
internal import Encodings

/// Which texts a column of a row group may hold: for nearly all others it says that they are not there.
///
/// A split-block Bloom filter (Putze, Sanders and Singler 2007; Parquet has one too): a text belongs to one block of
/// 32 bytes, and sets one bit in each of the block's eight words, so that asking touches one cache line. With sixteen
/// bits for each distinct text about one of a thousand others passes, with six one of ten.
struct BloomFilter {
  static let blockBytes = 32
  /// A filter is as large as this for each distinct text, but at most as the other for each row: columns of which each
  /// row has a text of its own get a weaker one.
  private static let bitsPerText = 16
  private static let bitsPerRow = 6

  private(set) var bytes: [UInt8]
  private let blockCount: UInt64

  // MARK: Encode

  /// The filter of the texts that `slices` hold in column `column`; nil where there are none. O(rows).
  init?(_ slices: [BatchSlice], column: Int) {
    var hashes = HashSet()
    var rowCount = 0
    for slice in slices {
      guard case .string(let text) = slice.batch.columns[column] else { return nil }
      rowCount += slice.rowCount
      hashes.insert(text, slice.rows)
    }
    guard hashes.count > 0 else { return nil }
    let bits = min(hashes.count * BloomFilter.bitsPerText, max(rowCount * BloomFilter.bitsPerRow, 1))
    let blockCount = (bits + 8 * BloomFilter.blockBytes - 1) / (8 * BloomFilter.blockBytes)
    bytes = [UInt8](repeating: 0, count: blockCount * BloomFilter.blockBytes)
    self.blockCount = UInt64(blockCount)
    for hash in hashes.slots where hash != 0 { insert(hash) }
  }

  private mutating func insert(_ hash: UInt64) {
    let (block, bits) = place(hash)
    for word in 0..<8 {
      let bit = BloomFilter.bit(word, bits)
      bytes[block + 4 * word + bit / 8] |= 1 << UInt8(bit % 8)
    }
  }

  // MARK: Ask

  /// The filter whose stored bytes these are.
  init(_ bytes: [UInt8]) throws(CorruptionError) {
    guard bytes.count > 0, bytes.count % BloomFilter.blockBytes == 0 else {
      throw CorruptionError("a filter of \(bytes.count) bytes")
    }
    self.bytes = bytes
    blockCount = UInt64(bytes.count / BloomFilter.blockBytes)
  }

  /// What a text is known by, never 0.
  static func hash(_ text: Span<UInt8>) -> UInt64 { max(Hash.hash64(text), 1) }

  /// Whether the text with this hash may be there; false is certain. O(1).
  func mayContain(_ hash: UInt64) -> Bool {
    let (block, bits) = place(hash)
    return (0..<8).allSatisfy { word in
      let bit = BloomFilter.bit(word, bits)
      return bytes[block + 4 * word + bit / 8] >> UInt8(bit % 8) & 1 == 1
    }
  }

  /// The first byte of the text's block, and the bits that choose among each of its words.
  private func place(_ hash: UInt64) -> (block: Int, bits: UInt64) {
    let block = ((hash >> 32) &* blockCount) >> 32
    return (Int(block) * BloomFilter.blockBytes, hash &* 0x9E37_79B9_7F4A_7C15)
  }

  /// The bit, 0 to 31, of word `word`: five of the highest forty bits.
  private static func bit(_ word: Int, _ bits: UInt64) -> Int { Int(bits >> UInt64(24 + 5 * word) & 31) }
}

/// Distinct hashes of texts.
private struct HashSet {
  /// 0 is an empty slot, which is no text's hash.
  private(set) var slots = [UInt64](repeating: 0, count: 1024)
  private(set) var count = 0

  mutating func insert(_ text: StringColumn, _ rows: SelectionVector?) {
    var last = StringView.null
    for index in 0..<(rows?.count ?? text.rowCount) {
      let row = rows.map { Int($0[index]) } ?? index
      let view = text.views[row]
      // Rows that follow each other often share their text.
      guard !view.isNull, view != last else { continue }
      last = view
      insert(BloomFilter.hash(text.bytes(row)))
    }
  }

  private mutating func insert(_ hash: UInt64) {
    if count * 2 >= slots.count { grow() }
    let slot = find(hash)
    if slots[slot] == 0 { count += 1 }
    slots[slot] = hash
  }

  /// Where `hash` is, or would be.
  private func find(_ hash: UInt64) -> Int {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0, slots[slot] != hash { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func grow() {
    let old = slots
    slots = [UInt64](repeating: 0, count: 2 * old.count)
    for hash in old where hash != 0 { slots[find(hash)] = hash }
  }
}
