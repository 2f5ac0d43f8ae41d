internal import Checkpoints
public import ColdStore
public import Columns

/// Finds the rows that a table was given since a reader last looked, in that order, whatever files they are in by now.
///
/// A row keeps its sequence number when its tail becomes a segment or is copied into several, so a reader's position is
/// one number. Deleted rows are left out, and what replaced them has numbers of its own. Merged segments hold rows that
/// every reader of then had got: another one gets all of them, before any other row, and its position moves on with the
/// others only.
public struct AppendedRows {
  /// One row group that holds such rows.
  public struct Piece {
    public let header: RowGroupHeader
    private let file: RowGroupFile
    private let index: Int
    private let visible: SelectionVector?
    private let first: Int64
    private let isMerged: Bool

    fileprivate init(
      _ file: RowGroupFile, _ index: Int, _ visible: SelectionVector?, from first: Int64, isMerged: Bool
    ) {
      self.isMerged = isMerged
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
      let skipped = isMerged ? 0 : UInt32(clamping: first - header.firstSequence)
      return (batch, SelectionVector(rows.drop { $0 < skipped }))
    }

    /// Where a reader stands that has got all rows before `row`.
    public func position(before row: Int) -> Int64 { isMerged ? first : header.firstSequence + Int64(row) }

    /// Merged ones first, then in order.
    fileprivate static func precedes(_ left: Piece, _ right: Piece) -> Bool {
      if left.isMerged != right.isMerged { return left.isMerged }
      return left.header.firstSequence < right.header.firstSequence
    }
  }

  public init() {}

  /// The row groups of `table` with rows from sequence number `first` on, in order of their numbers. Whoever has got
  /// all of them stands at the table's `nextSequence`.
  ///
  /// Opens the tail and the segments that hold such rows. O(row groups of these).
  public func pieces(of table: TableReader, from first: Int64) throws -> [Piece] {
    guard table.state.nextSequence > first else { return [] }
    var files: [(path: String, isMerged: Bool, file: RowGroupFile)] = []
    for segment in table.state.segments where segment.sequenceEnd > first {
      files.append((segment.path, segment.level > 0, try table.open(segment)))
    }
    if let tail = table.state.tail { files.append((tail.path, false, try table.open(tail))) }
    let pieces = files.flatMap { path, isMerged, file in
      file.groups.indices.filter { isMerged || file.groups[$0].header.sequence.upperBound > first }.map { index in
        let visible = table.state.deletions[path]?.visible(in: file.groups[index].rows)
        return Piece(file, index, visible, from: first, isMerged: isMerged)
      }
    }
    return pieces.sorted(by: Piece.precedes)
  }
}
