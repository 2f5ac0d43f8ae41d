import Columns
import Ingest

/// What files hold.
enum ReplayFormat: String, CaseIterable {
  case ndjson
  case csv

  /// The format of a file by its name.
  init(path: String) { self = path.lowercased().hasSuffix(".csv") ? .csv : .ndjson }
}

/// A file as messages, one after the other.
protocol MessageReader: AnyObject {
  /// How far the file is read, in bytes.
  var byteOffset: Int64 { get }
  /// Appends the next message to `arena`; nil at the end.
  func nextMessage(into arena: ByteArena) throws -> Range<Int>?
}

/// Lines as they are.
final class LineMessages: MessageReader {
  /// Longer than any broker takes.
  static let maximumBytes = 64 << 20

  private let lines: LineReader
  private let path: String
  private var count = 0

  init(path: String) throws {
    self.path = path
    lines = try LineReader(path: path, maximumLineBytes: LineMessages.maximumBytes)
  }

  var byteOffset: Int64 { lines.byteOffset }

  func nextMessage(into arena: ByteArena) throws -> Range<Int>? {
    guard let line = try lines.lines(into: arena, atMost: 1).first else { return nil }
    count += 1
    guard line.count <= LineMessages.maximumBytes else {
      throw CommandError.badData(
        "\(path):\(count): is longer than \(SizeText.format(Int64(LineMessages.maximumBytes)))")
    }
    return line
  }
}
