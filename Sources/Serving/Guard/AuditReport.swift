public import ColdStore
internal import Telemetry

/// Whether an audit trail is as it was written.
///
/// Lines that were cut off its end are missed by nobody but who has noted a hash that stood there: the hash of the last
/// line is part of the report.
public struct AuditReport: Sendable, Equatable {
  /// Lines of the chain.
  public private(set) var lineCount = 0
  /// Lines that a crash cut off while they were written: they are not of the chain, and none is missing there.
  public private(set) var cutLineCount = 0
  /// The hash of the last line, in hexadecimal digits.
  public private(set) var head = ""
  /// The number of the first line that is not what was written there, and what is wrong; nil where none is.
  public private(set) var problem: (line: Int, text: String)?

  /// Reads the file at `path` from its beginning. O(bytes), a few hundred kilobytes of memory.
  public init(_ path: String, fileSystem: any FileSystem = LocalFileSystem()) throws {
    var chain = AuditChain()
    var number = 0
    try AuditReport.forEachLine(try fileSystem.openFile(path)) { line in
      number += 1
      guard problem == nil else { return }
      switch chain.follow(line) {
      case .next: break
      case .cutOff: cutLineCount += 1
      case .changed: problem = (number, "the line was changed")
      case .elsewhere: problem = (number, "a line before it was changed or is missing")
      }
    }
    lineCount = chain.count
    head = String(decoding: chain.head, as: UTF8.self)
  }

  public static func == (left: AuditReport, right: AuditReport) -> Bool {
    (left.lineCount, left.cutLineCount, left.head) == (right.lineCount, right.cutLineCount, right.head)
      && left.problem?.line == right.problem?.line && left.problem?.text == right.problem?.text
  }

  /// Calls `body` with each line that is not empty. A line that is longer than any of a trail comes in parts.
  private static func forEachLine(_ file: any ReadableFile, _ body: (ArraySlice<UInt8>) -> Void) throws {
    let count = try file.byteCount()
    var offset = 0
    var rest: [UInt8] = []
    while offset < count {
      let bytes = try file.read(at: offset, count: AuditTrail.lineBytesMax)
      guard !bytes.isEmpty else { break }
      offset += bytes.count
      rest += bytes
      var lines = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      let last = lines.removeLast()
      for line in lines where !line.isEmpty { body(line) }
      rest = Array(last)
      if rest.count > AuditTrail.lineBytesMax {
        body(rest[...])
        rest = []
      }
    }
    if !rest.isEmpty { body(rest[...]) }
  }
}
