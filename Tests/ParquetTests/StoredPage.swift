import Columns
import Testing

@testable import Encodings
@testable import Parquet

/// A page as it is in a file: its header, and what it holds without compression.
struct StoredPage {
  let header: ThriftValue
  let plain: [UInt8]

  /// The pages that `bytes` are.
  static func all(in bytes: [UInt8]) throws -> [StoredPage] {
    var reader = ByteReader(bytes)
    var pages: [StoredPage] = []
    while !reader.isAtEnd {
      let header = try ThriftValue(from: &reader)
      let stored = try reader.readRaw(try #require(header[3]?.number))
      let byteCount = try #require(header[2]?.number)
      let arena = try Compression.read(ByteArena(Array(stored)), codec: .zstd, byteCount: byteCount)
      pages.append(StoredPage(header: header, plain: (0..<byteCount).map { arena.span[$0] }))
    }
    return pages
  }

  /// How many rows or entries it has.
  var valueCount: Int? { (header[5] ?? header[7])?[1]?.number }
  var isDictionary: Bool { header[1]?.number == 2 }
  /// Of values: 0 is PLAIN, 8 is RLE_DICTIONARY.
  var encoding: Int? { (header[5] ?? header[7])?[2]?.number }
}
