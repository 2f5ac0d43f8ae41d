import ColdStore
import Columns
import TestSupport

/// A small table of events, and its rows in a form that compares.
enum TestTable {
  static let schema = Schema([
    Field("source", .integer), Field("offset", .integer), Field("event_ts", .time), Field("price", .decimal),
    Field("lat", .real), Field("mobile", .boolean), Field("user_id", .string), Field("currency", .string),
  ])

  static func batch(_ rowCount: Int, day: Int64, _ random: inout SeededRandom) -> Batch {
    var builder = BatchBuilder(schema)
    for row in 0..<rowCount {
      builder.append(Int64(row % 2), to: 0)
      builder.append(Int64(row * 10), to: 1)
      builder.append(day + Int64.random(in: 0..<EventTime.day, using: &random), to: 2)
      builder.append(Bool.random(using: &random) ? Int64.random(in: 0..<1_000_000, using: &random) : nil, to: 3)
      builder.append(Double.random(in: -90...90, using: &random), to: 4)
      builder.append(Int.random(in: 0..<3, using: &random) == 0 ? nil : Bool.random(using: &random), to: 5)
      builder.append(Bool.random(using: &random) ? "u_\(random.next() % 1000)" : nil, to: 6)
      builder.append("EUR", to: 7)
    }
    return builder.build()
  }

  static func rows(_ batch: Batch, _ selection: SelectionVector? = nil) -> [[String]] {
    let chosen = selection.map { $0.map(Int.init) } ?? Array(0..<batch.rowCount)
    return chosen.map { row in
      batch.columns.map { column in
        switch column {
        case .integer(let values): values[row].map { "\($0)" } ?? "null"
        case .real(let values): values[row].map { "\($0)" } ?? "null"
        case .boolean(let values): values[row].map { "\($0)" } ?? "null"
        case .string(let values): values.text(row).map { "'\($0)'" } ?? "null"
        }
      }
    }
  }

  static func rows(_ file: RowGroupFile) throws -> [[String]] {
    try file.groups.indices.flatMap { rows(try file.read($0)) }
  }
}
