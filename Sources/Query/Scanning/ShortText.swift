internal import Columns

/// A text of at most 16 bytes as two words: compared and hashed without a loop.
struct ShortText: Equatable, BitwiseCopyable {
  static let bytesMax = 16

  private let low: UInt64
  private let high: UInt64
  private let length: Int32

  /// The cell of `view`, which is no null, in `arena`; nil where it is longer.
  @inline(__always)
  init?(_ view: StringView, _ arena: ByteArena) {
    let length = Int(view.length)
    guard length <= ShortText.bytesMax else { return nil }
    precondition(Int(view.offset) + length <= arena.count, "a string view points outside its arena")
    // Reads of 16 bytes begin inside the arena and end in its padding; what lies behind the text is masked away.
    let start = unsafe UnsafeRawPointer(arena.base) + Int(view.offset)
    let words = unsafe (
      start.loadUnaligned(as: UInt64.self), start.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
    )
    low = words.0 & ShortText.mask(length)
    high = words.1 & ShortText.mask(length - 8)
    self.length = view.length
  }

  /// `bytes`; nil where there are more than fit.
  init?(_ bytes: [UInt8]) {
    self.init(StringView(offset: 0, length: Int32(clamping: bytes.count)), ByteArena(bytes))
  }

  /// The lowest `count` bytes; all of them from 8 on, none up to 0.
  @inline(__always)
  private static func mask(_ count: Int) -> UInt64 { count >= 8 ? .max : count <= 0 ? 0 : 1 &<< UInt64(8 * count) &- 1 }

  /// Enough for a small cache.
  @inline(__always)
  var hash: UInt64 {
    (low ^ high &* 0xD6E8_FEB8_6659_FD93 ^ UInt64(UInt32(bitPattern: length))) &* 0x9E37_79B9_7F4A_7C15
  }
}

/// Looks texts up once for many rows: those of a dictionary by their number, others by their bytes where they are
/// short, else by their place.
enum TextCodes {
  private static let cacheBits: UInt64 = 10

  private struct Entry: BitwiseCopyable {
    var text: ShortText?
    var view = StringView.null
    var code: UInt64 = 0
  }

  /// What `look` gives for each cell; 0 for a null, for which it is not asked. O(rows).
  static func of(_ text: StringColumn, _ look: (Span<UInt8>) -> UInt64) -> [UInt64] {
    if let distinct = text.distinct { return of(text, distinct, look) }
    var cache = [Entry](repeating: Entry(), count: 1 << Int(cacheBits))
    var codes: [UInt64] = []
    let views = text.views.span
    codes.reserveCapacity(views.count)
    for row in views.indices {
      let view = views[row]
      guard !view.isNull else {
        codes.append(0)
        continue
      }
      if let short = ShortText(view, text.arena) {
        let slot = Int(truncatingIfNeeded: short.hash >> (64 - cacheBits))
        if cache[slot].text != short { cache[slot] = Entry(text: short, code: look(text.bytes(row))) }
        codes.append(cache[slot].code)
      } else {
        let slot = Int(truncatingIfNeeded: (UInt64(view.offset) &* 0x9E37_79B9_7F4A_7C15) >> (64 - cacheBits))
        if cache[slot].view != view { cache[slot] = Entry(view: view, code: look(text.bytes(row))) }
        codes.append(cache[slot].code)
      }
    }
    return codes
  }

  /// Of a dictionary only the texts that rows have are looked up.
  private static func of(
    _ text: StringColumn, _ distinct: DistinctTexts, _ look: (Span<UInt8>) -> UInt64
  ) -> [UInt64] {
    var known = [UInt64](repeating: 0, count: distinct.count)
    var isKnown = [Bool](repeating: false, count: distinct.count)
    let codes = distinct.codes.span
    return unsafe [UInt64](unsafeUninitializedCapacity: codes.count) { words, count in
      for row in codes.indices {
        let code = Int(codes[row])
        var word: UInt64 = 0
        if codes[row] != DistinctTexts.none {
          if !isKnown[code] {
            known[code] = look(text.bytes(row))
            isKnown[code] = true
          }
          word = known[code]
        }
        // One word for each row, for which there is room.
        unsafe words.initializeElement(at: row, to: word)
      }
      count = codes.count
    }
  }
}
