internal import Checkpoints
public import ColdStore
public import Columns

extension TableReader {
  /// One row group, of which nothing has been read yet but its header.
  public struct Group: Sendable {
    /// The file, as the commit names it.
    public let path: String
    /// The position of its first row in the file.
    public let firstRow: Int
    public let header: RowGroupHeader
    /// The rows that are not deleted; nil where none is.
    private let visible: SelectionVector?
    private let file: RowGroupFile
    private let index: Int
    private let schema: Schema

    fileprivate init(
      path: String, file: RowGroupFile, index: Int, visible: SelectionVector?, schema: Schema
    ) {
      self.path = path
      self.file = file
      self.index = index
      self.visible = visible
      self.schema = schema
      firstRow = file.groups[index].firstRow
      header = file.groups[index].header
    }

    /// The rows that are not deleted. O(rows).
    public var rows: SelectionVector { visible ?? .all(header.rowCount) }

    /// The cells of `columns`, of all rows or of the chosen ones. O(bytes of those columns).
    public func read(_ columns: [String], rows: SelectionVector? = nil) throws -> Batch {
      try file.read(index, as: Schema(schema.fields.filter { columns.contains($0.name) }), rows: rows)
    }

    /// All cells, those of deleted rows included. O(bytes).
    public func readAll() throws -> Batch { try file.read(index, as: schema) }

    /// Whether one of `texts` may be in `column`, by its Bloom filter; false is certain. O(bytes of the filter).
    public func mayContain(_ column: String, anyOf texts: [[UInt8]]) throws -> Bool {
      try file.mayContain(index, column: column, anyOf: texts)
    }

    /// Its rows, deleted ones included, whose text in `column` is one of `texts`, ascending; nil where all of the
    /// column has to be read for that. O(bytes of the column).
    public func rows(of texts: [[UInt8]], in column: String) throws -> SelectionVector? {
      try file.rows(index, column: column, of: texts)
    }
  }

  /// The row groups that a reader has to look into, and what it is spared.
  public struct GroupSelection: Sendable {
    public fileprivate(set) var groups: [Group] = []
    /// Files that were opened, the tail among them, and segments that were not.
    public fileprivate(set) var fileCount = 0
    public fileprivate(set) var prunedFileCount = 0
    /// Row groups of opened files without a row for the reader.
    public fileprivate(set) var prunedGroupCount = 0
    /// Bytes of all files of the table.
    public fileprivate(set) var byteCount = 0

    /// Leaves only the row groups for which `isWanted` holds.
    public mutating func prune(to isWanted: (Group) throws -> Bool) rethrows {
      let count = groups.count
      try groups.removeAll { try !isWanted($0) }
      prunedGroupCount += count - groups.count
    }
  }

  /// Calls `body` with every row group that may hold a visible row whose `timeColumn`, that of the table, lies in
  /// `range`. Segments that are known to hold none are not even opened.
  public func forEachGroup(
    timeColumn: String, in range: ClosedRange<Int64>, _ body: (Group) throws -> Void
  ) throws {
    let inRange = ZonePredicate.integers(column: timeColumn, range)
    for group in try groups(in: range, where: inRange.mayMatch).groups { try body(group) }
  }

  /// The row groups with a visible row for which `mayMatch` holds, in stored order. Segments whose times, where the
  /// table has a time column, lie outside `range` are not even opened. O(row groups).
  public func groups(
    in range: ClosedRange<Int64>?, where mayMatch: (RowGroupHeader) -> Bool
  ) throws -> GroupSelection {
    var selection = GroupSelection()
    var files: [(path: String, file: RowGroupFile)] = []
    for segment in state.segments {
      selection.byteCount += segment.byteCount
      if let range, let minimum = segment.minimumTime, let maximum = segment.maximumTime,
        minimum > range.upperBound || maximum < range.lowerBound
      {
        selection.prunedFileCount += 1
      } else {
        files.append((segment.path, try open(segment)))
      }
    }
    if let tail = state.tail {
      selection.byteCount += tail.validLength
      files.append((tail.path, try open(tail)))
    }
    selection.fileCount = files.count
    for (path, file) in files {
      for (index, entry) in file.groups.enumerated() {
        let visible = mayMatch(entry.header) ? state.deletions[path]?.visible(in: entry.rows) : []
        guard visible?.isEmpty != true, entry.header.rowCount > 0 else {
          selection.prunedGroupCount += 1
          continue
        }
        selection.groups.append(
          Group(path: path, file: file, index: index, visible: visible, schema: state.schema))
      }
    }
    return selection
  }
}
