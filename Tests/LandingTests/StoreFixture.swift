import Checkpoints
import ColdStore
import Columns
import Landing
import TestSupport

/// One small table in a directory of its own.
struct StoreFixture {
  static let schema = Schema([Field("number", .integer), Field("event_ts", .time)])

  let place = TemporaryDirectory()
  var segmentBytes = 1 << 20
  var rowGroupRows = 65_536
  var distrustsTails = false

  private var plan: StorePlan {
    StorePlan(
      directory: place.path, fileSystem: LocalFileSystem(), rowGroupRows: rowGroupRows, segmentBytes: segmentBytes,
      distrustsTails: distrustsTails)
  }

  func store(
    continuing state: TableState? = nil, sequence: UInt64 = 1, schema: Schema = Self.schema
  ) throws -> TableStore {
    try TableStore(
      name: "numbers", schema: schema, timeColumn: "event_ts", plan: plan, continuing: state, sequence: sequence)
  }

  /// Rows whose numbers are `numbers`, a minute apart from the start of day `day` on.
  static func batch(_ numbers: some Sequence<Int>, day: Int64 = 0) -> Batch {
    var builder = BatchBuilder(schema)
    for (row, number) in numbers.enumerated() {
      builder.append(Int64(number), to: 0)
      builder.append(day * EventTime.day + Int64(row) * EventTime.minute, to: 1)
    }
    return builder.build()
  }

  /// The visible numbers of a table, sorted.
  static func numbers(_ reader: TableReader) throws -> [Int] {
    var numbers: [Int] = []
    try reader.forEachPiece { piece in
      let values = piece.batch.integers(0).values
      for row in piece.rows { numbers.append(Int(values[Int(row)])) }
    }
    return numbers.sorted()
  }

  func reader(_ state: TableState) -> TableReader {
    TableReader(state: state, directory: place.path, fileSystem: LocalFileSystem())
  }
}
