public import Columns
public import Encodings

/// Gives short texts small codes, so that buffered rows hold four bytes in place of a text. Code 0 means no text.
///
/// Amortized O(bytes) to intern, O(1) to look up.
public struct Interner: Sendable {
  private var codes: [UInt64: [UInt32]] = [:]
  private var texts: [[UInt8]] = [[]]

  public init() {}

  /// The number of texts, and one.
  public var count: Int { texts.count }

  /// The bytes behind `code`, nil for code 0.
  public func text(_ code: UInt32) -> [UInt8]? { code == 0 ? nil : texts[Int(code)] }

  /// The code of `row`'s cell; 0 for a null or an empty text.
  public mutating func intern(_ column: StringColumn, row: Int) -> UInt32 {
    guard column.views[row].length > 0 else { return 0 }
    return intern(column.bytes(row))
  }

  public mutating func intern(_ bytes: Span<UInt8>) -> UInt32 {
    let hash = Hash.hash64(bytes)
    // Texts whose hashes collide share a list and are told apart by their bytes.
    if let code = find(bytes, hash: hash) { return code }
    let code = UInt32(texts.count)
    texts.append(Array(copying: bytes))
    codes[hash, default: []].append(code)
    return code
  }

  private func find(_ bytes: Span<UInt8>, hash: UInt64) -> UInt32? {
    guard let candidates = codes[hash] else { return nil }
    for code in candidates {
      let text = texts[Int(code)]
      var index = 0
      while index < bytes.count, text.count == bytes.count, text[index] == bytes[index] { index += 1 }
      if index == bytes.count, text.count == bytes.count { return code }
    }
    return nil
  }

  public func encode(into writer: inout ByteWriter) {
    writer.writeVarint(UInt64(texts.count - 1))
    for text in texts.dropFirst() { writer.write(bytes: text) }
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
