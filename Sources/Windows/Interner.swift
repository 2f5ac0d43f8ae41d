public import Columns
public import Encodings
internal import Glibc

/// Gives texts small codes, so that buffered rows hold four bytes in place of a text. Code 0 means no text.
///
/// Texts lie one behind the other; an index finds their codes by hash and then by their bytes. Amortized O(bytes) to
/// intern, O(length) to look up.
public struct Interner: Sendable {
  private var bytes: [UInt8] = []
  /// Where each text ends; that of code 0, which is none, is 0.
  private var ends: [Int] = [0]
  private var codes = HashIndex()

  public init() {}

  /// The number of texts, and one.
  public var count: Int { ends.count }

  /// The bytes behind `code`; none for code 0.
  @_lifetime(borrow self)
  public func text(_ code: UInt32) -> Span<UInt8> {
    let end = ends[Int(code)]
    return bytes.span.extracting((code == 0 ? end : ends[Int(code) - 1])..<end)
  }

  /// The code of `row`'s cell; 0 for a null or an empty text.
  public mutating func intern(_ column: StringColumn, row: Int) -> UInt32 {
    guard column.views[row].length > 0 else { return 0 }
    return intern(column.bytes(row))
  }

  public mutating func intern(_ text: Span<UInt8>) -> UInt32 {
    let hash = Hash.hash64(text)
    if let code = codes.find(hash, where: { matches($0, text) }) { return code }
    let code = UInt32(ends.count)
    unsafe text.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    ends.append(bytes.count)
    codes.insert(code, hash: hash)
    return code
  }

  private func matches(_ code: UInt32, _ text: Span<UInt8>) -> Bool {
    let start = ends[Int(code) - 1]
    guard ends[Int(code)] - start == text.count else { return false }
    // Both spans hold `text.count` bytes: `extracting` has checked that of the known one.
    let known = bytes.span.extracting(start..<start + text.count)
    return unsafe known.withUnsafeBytes { known in
      unsafe text.withUnsafeBytes { text in
        guard let left = known.baseAddress, let right = text.baseAddress else { return true }
        return unsafe memcmp(left, right, text.count) == 0
      }
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

/// Carries codes of one interner over to another, which gets only the texts in use.
struct InternerCopy: Sendable {
  private(set) var target: Interner
  /// By code of the source; 0 where it was not asked for yet.
  private var codes: [UInt32] = []

  init(into target: Interner) { self.target = target }

  /// The target's code of the text that `code` stands for in `source`. O(1) from the second time on.
  @inline(__always)
  mutating func code(_ code: UInt32, of source: Interner) -> UInt32 {
    if code == 0 { return 0 }
    if Int(code) < codes.count, codes[Int(code)] != 0 { return codes[Int(code)] }
    return add(code, of: source)
  }

  @inline(never)
  private mutating func add(_ code: UInt32, of source: Interner) -> UInt32 {
    if codes.count <= Int(code) {
      codes.append(contentsOf: repeatElement(0, count: max(source.count, 64) - codes.count))
    }
    codes[Int(code)] = target.intern(source.text(code))
    return codes[Int(code)]
  }

  mutating func forgetCodes() { codes = [] }
}
