public import Checkpoints
public import ColdStore
public import Columns

/// Reads the visible rows of one table as one commit names them. Takes no lock.
public struct TableReader: Sendable {
  public let state: TableState
  private let directory: String
  private let fileSystem: any FileSystem

  public init(state: TableState, directory: String, fileSystem: any FileSystem) {
    self.state = state
    self.directory = directory
    self.fileSystem = fileSystem
  }

  /// Some rows of one file.
  public struct Piece: Sendable {
    /// The file, as the commit names it.
    public let path: String
    /// The position of `batch`'s first row in the file.
    public let firstRow: Int
    public let batch: Batch
    /// The rows of `batch` that are not deleted.
    public let rows: SelectionVector
  }

  /// All files of the table: segments, then the tail.
  public func files() throws -> [(path: String, file: RowGroupFile)] {
    try state.segments.map { ($0.path, try open($0)) } + (state.tail.map { [($0.path, try open($0))] } ?? [])
  }

  func open(_ segment: SegmentReference) throws -> RowGroupFile {
    try SegmentReader.open("\(directory)/\(segment.path)", fileSystem: fileSystem)
  }

  func open(_ tail: TailReference) throws -> RowGroupFile {
    try TailReader.open("\(directory)/\(tail.path)", validLength: tail.validLength, fileSystem: fileSystem)
  }

  /// One row group, of which nothing has been read yet but its header.
  public struct Group {
    /// The file, as the commit names it.
    public let path: String
    /// The position of its first row in the file.
    public let firstRow: Int
    public let header: RowGroupHeader
    /// The rows that are not deleted.
    public let rows: SelectionVector
    fileprivate let file: RowGroupFile
    fileprivate let index: Int
    fileprivate let schema: Schema

    /// The cells of `columns`, of all rows or of the chosen ones. O(bytes of those columns).
    public func read(_ columns: [String], rows: SelectionVector? = nil) throws -> Batch {
      try file.read(index, as: Schema(schema.fields.filter { columns.contains($0.name) }), rows: rows)
    }
  }

  /// Calls `body` with every row group that may hold a visible row whose `timeColumn`, that of the table, lies in
  /// `range`. Segments that are known to hold none are not even opened.
  public func forEachGroup(
    timeColumn: String, in range: ClosedRange<Int64>, _ body: (Group) throws -> Void
  ) throws {
    let segments = state.segments.filter { segment in
      guard let minimum = segment.minimumTime, let maximum = segment.maximumTime else { return true }
      return minimum <= range.upperBound && range.lowerBound <= maximum
    }
    let files = try segments.map { ($0.path, try open($0)) } + (state.tail.map { [($0.path, try open($0))] } ?? [])
    for (path, file) in files {
      for index in file.groups(matching: [.integers(column: timeColumn, range)]) {
        let entry = file.groups[index]
        let visible = state.deletions[path]?.visible(in: entry.rows)
        let rows = visible ?? SelectionVector(0..<UInt32(entry.header.rowCount))
        guard !rows.isEmpty else { continue }
        try body(
          Group(
            path: path, firstRow: entry.firstRow, header: entry.header, rows: rows, file: file, index: index,
            schema: state.schema))
      }
    }
  }

  /// Calls `body` with the visible rows of every row group that may hold a row matching all of `predicates`; only
  /// `columns` are read (all where nil). O(bytes read).
  public func forEachPiece(
    columns: [String]? = nil, matching predicates: [ZonePredicate] = [], _ body: (Piece) throws -> Void
  ) throws {
    let schema = columns.map { names in Schema(state.schema.fields.filter { names.contains($0.name) }) } ?? state.schema
    for (path, file) in try files() {
      for index in file.groups(matching: predicates) {
        let piece = try piece(path, file, index, as: schema)
        if !piece.rows.isEmpty { try body(piece) }
      }
    }
  }

  /// The number of visible rows.
  public var rowCount: Int {
    state.segments.reduce(state.tail?.rowCount ?? 0) { $0 + $1.rowCount }
      - state.deletions.values.reduce(0) { $0 + $1.count }
  }
}
