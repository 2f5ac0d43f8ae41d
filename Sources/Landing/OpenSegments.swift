public import Checkpoints
internal import ColdStore
internal import Synchronization

/// Segments that stay open between reads, so that their footers are read and checked once. Segments are immutable, and
/// a name is never used again.
///
/// A segment that no commit names any more keeps its disk space until `keep` lets go of it.
public final class OpenSegments: Sendable {
  /// The most open files; more of them are opened for each read.
  private static let countMax = 512

  private let files = Mutex<[String: RowGroupFile]>([:])

  public init() {}

  /// The segment at `path`, opened by `open` unless it is here already and is the one with `checksum`.
  func file(_ path: String, checksum: UInt32, open: () throws -> RowGroupFile) rethrows -> RowGroupFile {
    if let file = files.withLock({ $0[path] }), file.checksum == checksum { return file }
    // Opened outside the lock: of two readers at once one opens it in vain.
    let file = try open()
    files.withLock { files in
      if files.count < OpenSegments.countMax { files[path] = file }
    }
    return file
  }

  /// Lets go of all segments but those that `tables` name in `directory`.
  public func keep(only tables: [TableState], in directory: String) {
    let named = Set(tables.flatMap { table in table.segments.map { "\(directory)/\($0.path)" } })
    files.withLock { files in files = files.filter { named.contains($0.key) } }
  }
}
