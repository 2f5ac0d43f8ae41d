import Columns
import Ingest

/// One file of a replay: its messages in order, each with its key and with the time up to which the file has come.
final class ReplayFile {
  private struct Entry {
    let message: Range<Int>
    let key: Range<Int>?
    /// The newest event time of the file so far; nil before the first.
    let clock: Int64?
  }

  /// Messages that are read at once, and about how many bytes at most.
  private static let chunkMessages = 1024
  private static let chunkBytes = 1 << 20

  let path: String
  let byteCount: Int64
  private let reader: any MessageReader
  private let keyedByUser: Bool
  private var arena = ByteArena()
  private var entries: [Entry] = []
  private var position = 0
  private var clock: Int64?

  /// - Parameter keyedByUser: whether the user id goes before the session id.
  init(path: String, reader: any MessageReader, keyedByUser: Bool) throws {
    self.path = path
    self.reader = reader
    self.keyedByUser = keyedByUser
    byteCount = try LineReader.size(of: path)
    try fill()
  }

  /// How far the file is read, in bytes.
  var bytesDone: Int64 { reader.byteOffset }
  var isAtEnd: Bool { position == entries.count }
  /// The event time of the next message, or of what came before it if that is newer or it has none.
  var nextClock: Int64 { isAtEnd ? .max : entries[position].clock ?? .min }

  /// Calls `body` with the next message and goes on to the one behind it if that says so; there must be one.
  func take(_ body: (_ key: Span<UInt8>?, _ value: Span<UInt8>) throws -> Bool) throws -> Bool {
    let entry = entries[position]
    let arena = arena
    let value = arena.span.extracting(entry.message)
    if let range = entry.key {
      let key = arena.span.extracting(range)
      guard try body(key, value) else { return false }
    } else {
      guard try body(nil, value) else { return false }
    }
    position += 1
    if isAtEnd { try fill() }
    return true
  }

  private func fill() throws {
    arena = ByteArena(capacity: Self.chunkBytes)
    entries.removeAll(keepingCapacity: true)
    position = 0
    while entries.count < Self.chunkMessages, arena.count < Self.chunkBytes,
      let message = try reader.nextMessage(into: arena)
    {
      let glance = EventGlance(arena.span.extracting(message))
      if let time = glance.time { clock = max(clock ?? time, time) }
      let key = keyedByUser ? glance.user ?? glance.session : glance.session ?? glance.user
      let shifted = key.map { message.lowerBound + $0.lowerBound..<message.lowerBound + $0.upperBound }
      entries.append(Entry(message: message, key: shifted, clock: clock))
    }
  }
}
