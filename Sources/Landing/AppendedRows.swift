internal import Checkpoints
public import ColdStore
public import Columns

/// Finds the rows that a table was given since a reader last looked, in that order, whatever files they are in by now.
///
/// A row keeps its sequence number when its tail becomes a segment or is copied into several, so a reader's position is
/// one number. Deleted rows are left out, and what replaced them has numbers of its own.
public struct AppendedRows {
  /// One row group that holds such rows.
  public struct Piece {
    public let header: RowGroupHeader
    private let file: RowGroupFile
    private let index: Int
    private let visible: SelectionVector?
    private let first: Int64

    fileprivate init(_ file: RowGroupFile, _ index: Int, _ visible: SelectionVector?, from first: Int64) {
      header = file.groups[index].header
      self.file = file
      self.index = index
      self.visible = visible
      self.first = first
    }

    /// The columns of `schema`, and the rows that are wanted. Reads the row group.
    public func read(as schema: Schema) throws -> (batch: Batch, rows: SelectionVector) {
      let batch = try file.read(index, as: schema)
      let rows = visible ?? SelectionVector(0..<UInt32(batch.rowCount))
      let skipped = UInt32(max(0, first - header.firstSequence))
      return (batch, SelectionVector(rows.drop { $0 < skipped }))
    }
  }

  /// Where the rows of each segment end that was opened so far: it need not be opened again for what is behind that.
  private var ends: [String: Int64] = [:]

  public init() {}

  /// The row groups of `table` with rows from sequence number `first` on, in order of their numbers.
  ///
  /// Opens the tail and the segments that may hold such rows; others at most once in the life of this value.
  public mutating func pieces(of table: TableReader, from first: Int64) throws -> [Piece] {
    guard table.state.nextSequence > first else { return [] }
    var files: [(path: String, file: RowGroupFile)] = []
    var known: [String: Int64] = [:]
    for segment in table.state.segments {
      known[segment.path] = ends[segment.path]
      if let end = ends[segment.path], end <= first { continue }
      let file = try table.open(segment)
      known[segment.path] = file.groups.map(\.header.sequence.upperBound).max()
      files.append((segment.path, file))
    }
    ends = known
    if let tail = table.state.tail { files.append((tail.path, try table.open(tail))) }
    let pieces = files.flatMap { path, file in
      file.groups.indices.filter { file.groups[$0].header.sequence.upperBound > first }.map { index in
        let visible = table.state.deletions[path]?.visible(in: file.groups[index].rows)
        return Piece(file, index, visible, from: first)
      }
    }
    return pieces.sorted { $0.header.firstSequence < $1.header.firstSequence }
  }
}
