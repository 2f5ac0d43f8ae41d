internal import Checkpoints
internal import ColdStore
public import Commerce
internal import Landing
internal import Windows

/// The tables that users see, as a commit has them: their columns, and what their files hold.
public struct Catalog: Sendable {
  public struct Column: Sendable, Equatable {
    public let name: String
    /// `integer`, `time`, `money`, `decimal`, `real`, `boolean`, `text` or `json`.
    public let type: String
  }

  public struct Table: Sendable {
    public let name: String
    /// As `query` and `export` have them.
    public let columns: [Column]
    /// Rows in files. A window or session of which more came late has several, an order one for each
    /// purchase and refund; what is open has none yet.
    public let storedRowCount: Int
    public let byteCount: Int
    /// Segments; a tail is none.
    public let segmentCount: Int
    /// The first moments of the UTC days that segments are of, ascending; none where the table has no time.
    public let days: [Int64]
    /// The least and greatest time in segments; nil where the table has no time, or no segment.
    public let minimumTime: Int64?
    public let maximumTime: Int64?
  }

  public let epoch: UInt64
  public let incarnation: UInt64
  public let tables: [Table]

  /// Reads the commit alone, no file of a table.
  public init(_ snapshot: Snapshot, job: Job) throws {
    epoch = snapshot.commit.epoch
    incarnation = snapshot.commit.incarnation
    tables = try snapshot.commit.tables.filter { $0.name != TableNames.waiting }.map { state in
      Table(try snapshot.table(state.name), try Catalog.columns(snapshot, job, state.name))
    }
  }

  private static func columns(_ snapshot: Snapshot, _ job: Job, _ name: String) throws -> [Column] {
    let columns: [QueryColumn]
    switch name {
    case TableNames.sessions: columns = SessionRows.fields(of: job.keyed.sessionTable)
    case TableNames.orders: columns = OrderRows.fields
    case TableNames.events, TableNames.deadLetters:
      columns = LogRows.fields(of: try snapshot.table(name).state.schema)
    case TableNames.commits: columns = CommitHistoryRows.fields(of: try snapshot.table(name).state.schema)
    default:
      guard let table = job.rollupTables.first(where: { $0.rollup.name == name }) else { return [] }
      columns = KpiRows.fields(of: table.rollup, withCompleteness: false)
    }
    return columns.map { Column(name: $0.name, type: "\($0.kind)") }
  }
}

extension Catalog.Table {
  fileprivate init(_ reader: TableReader, _ columns: [Catalog.Column]) {
    let state = reader.state
    name = state.name
    self.columns = columns
    storedRowCount = reader.rowCount
    byteCount = state.segments.reduce(state.tail?.validLength ?? 0) { $0 + $1.byteCount }
    segmentCount = state.segments.count
    days = Set(state.segments.filter { $0.minimumTime != nil }.map(\.dayMilliseconds)).sorted()
    minimumTime = state.segments.compactMap(\.minimumTime).min()
    maximumTime = state.segments.compactMap(\.maximumTime).max()
  }
}
