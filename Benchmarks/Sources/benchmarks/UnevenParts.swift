import Foundation

/// A file of events as files of unlike size, one for each partition: the lines of a session stay together and in order,
/// and of n parts the first has n times as many sessions as the last.
struct UnevenParts {
  let paths: [String]
  let lineCount: Int

  private static let blockBytes = 8 << 20
  private static let mark = Array(#""session_id":""#.utf8)
  /// So much of a session's id tells it from others.
  private static let idBytes = 14

  /// Writes the parts of the file at `input` into `directory`.
  init(of input: String, count: Int, in directory: String) throws {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let paths = (0..<count).map { "\(directory)/part-\($0).ndjson" }
    let files = try paths.map { path in
      guard FileManager.default.createFile(atPath: path, contents: nil),
        let file = FileHandle(forWritingAtPath: path)
      else { throw BenchmarkError("cannot write \(path)", exitCode: 73) }
      return file
    }
    guard let source = FileHandle(forReadingAtPath: input) else {
      throw BenchmarkError("cannot read \(input)", exitCode: 66)
    }
    var (rest, lineCount) = ([UInt8](), 0)
    while let block = try source.read(upToCount: UnevenParts.blockBytes), !block.isEmpty {
      rest += block
      var parts = [[UInt8]](repeating: [], count: count)
      let taken = UnevenParts.distribute(rest, &parts, &lineCount)
      rest.removeFirst(taken)
      for (file, part) in zip(files, parts) { try file.write(contentsOf: part) }
    }
    guard rest.isEmpty else { throw BenchmarkError("\(input) does not end with a line feed", exitCode: 65) }
    for file in files { try file.close() }
    self.paths = paths
    self.lineCount = lineCount
  }

  /// Appends each line that ends in `bytes` to its part; returns how many bytes that were.
  private static func distribute(_ bytes: [UInt8], _ parts: inout [[UInt8]], _ lineCount: inout Int) -> Int {
    var start = 0
    while let end = bytes[start...].firstIndex(of: 0x0A) {
      let line = bytes[start...end]
      parts[part(of: line, count: parts.count)] += line
      lineCount += 1
      start = end + 1
    }
    return start
  }

  /// Chosen by the session, of a line without one by the whole line.
  private static func part(of line: ArraySlice<UInt8>, count: Int) -> Int {
    var hash: UInt64 = 14_695_981_039_346_656_037
    for byte in session(of: line) ?? line { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
    // Weights n, n - 1, ..., 1.
    var place = Int((hash >> 32) % UInt64(count * (count + 1) / 2))
    for part in 0..<count {
      if place < count - part { return part }
      place -= count - part
    }
    return count - 1
  }

  private static func session(of line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    var start = line.startIndex
    while let quote = line[start...].firstIndex(of: mark[0]) {
      if line[quote...].starts(with: mark) { return line[(quote + mark.count)...].prefix(idBytes) }
      start = quote + 1
    }
    return nil
  }
}
