import Foundation
import Ingest

/// The first lines of a file of NDJSON in memory, as bytes and ranges.
struct Lines {
  var bytes: [UInt8]
  var ranges: [MessageRange] = []

  /// The lines that end in `bytes`.
  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    var start = 0
    for (index, byte) in bytes.enumerated() where byte == 0x0A {
      ranges.append(
        MessageRange(offset: UInt32(start), length: Int32(index - start), logOffset: Int64(ranges.count)))
      start = index + 1
    }
  }

  /// The lines that end in the first `byteLimit` bytes of the file at `path`.
  init(path: String, byteLimit: Int) throws {
    guard let file = FileHandle(forReadingAtPath: path), let data = try file.read(upToCount: byteLimit) else {
      throw BenchmarkError("cannot read \(path)", exitCode: 66)
    }
    self.init(Array(data))
    if ranges.isEmpty { throw BenchmarkError("\(path) holds no line", exitCode: 65) }
  }

  func text(_ range: MessageRange) -> ArraySlice<UInt8> {
    bytes[Int(range.offset)..<Int(range.offset) + Int(range.length)]
  }

  /// How many lines the files at `paths` have, without keeping them in memory.
  static func count(inFilesAt paths: [String]) throws -> Int {
    var count = 0
    for path in paths {
      guard let file = FileHandle(forReadingAtPath: path) else {
        throw BenchmarkError("cannot read \(path)", exitCode: 66)
      }
      var last: UInt8 = 0x0A
      while let block = try file.read(upToCount: 1 << 20), !block.isEmpty {
        count += block.count { $0 == 0x0A }
        last = block.last ?? last
      }
      if last != 0x0A { count += 1 }
    }
    return count
  }
}
