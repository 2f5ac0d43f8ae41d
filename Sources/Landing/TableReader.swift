public import Checkpoints
public import ColdStore
public import Columns

/// Reads the visible rows of one table as a commit, or what will be one, names them. Takes no lock.
public struct TableReader: Sendable {
  public let state: TableState
  /// Rows that no file has yet: none of a commit, some of what there is between two (`Present`).
  public let unwritten: [BatchSlice]
  private let directory: String
  private let fileSystem: any FileSystem
  private let openSegments: OpenSegments?

  /// - Parameter openSegments: keeps segments open for other readers; nil closes them with this one.
  public init(
    state: TableState, unwritten: [BatchSlice] = [], directory: String, fileSystem: any FileSystem,
    openSegments: OpenSegments? = nil
  ) {
    self.state = state
    self.unwritten = unwritten
    self.directory = directory
    self.fileSystem = fileSystem
    self.openSegments = openSegments
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

  /// All files of the table: segments, then the tail. They lack the rows that are `unwritten`.
  public func files() throws -> [(path: String, file: RowGroupFile)] {
    try state.segments.map { ($0.path, try open($0)) } + (state.tail.map { [($0.path, try open($0))] } ?? [])
  }

  func open(_ segment: SegmentReference) throws -> RowGroupFile {
    let path = "\(directory)/\(segment.path)"
    func open() throws -> RowGroupFile { try SegmentReader.open(path, fileSystem: fileSystem) }
    return try openSegments?.file(path, checksum: segment.checksum, open: open) ?? open()
  }

  func open(_ tail: TailReference) throws -> RowGroupFile {
    try TailReader.open("\(directory)/\(tail.path)", validLength: tail.validLength, fileSystem: fileSystem)
  }

  /// Calls `body` with the visible rows of every stored row group that may hold a row matching all of `predicates`;
  /// only `columns` are read (all where nil). O(bytes read).
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

  /// The number of visible rows in files.
  public var rowCount: Int {
    state.segments.reduce(state.tail?.rowCount ?? 0) { $0 + $1.rowCount }
      - state.deletions.values.reduce(0) { $0 + $1.count }
  }
}
