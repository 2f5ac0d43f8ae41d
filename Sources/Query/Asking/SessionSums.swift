internal import Columns
internal import Encodings
internal import Windows

/// What a query sees of a session's revenue, which is stored as sums by currency.
struct SessionSums: Sendable {
  /// The currency whose sums are shown; without one, that of a session with a single currency.
  let currency: [UInt8]?

  /// The column of `origin` for rows whose stored sums these are. O(bytes).
  ///
  /// - Throws: `QueryError` where a sum does not fit into a column; `CorruptionError`.
  func column(_ origin: QueryColumn.Origin, _ stored: StringColumn) throws -> Column {
    var builder = BatchBuilder(Schema([Field("revenue", origin == .sessionRevenue ? .decimal : .string)]))
    for row in 0..<stored.rowCount {
      var reader = ByteReader(Array(copying: stored.bytes(row)))
      let sums = try MoneyByCurrency(from: &reader)
      if origin == .sessionRevenue {
        builder.append(try shown(sums).map { try QueryTable.cell($0, of: "revenue") }, to: 0)
      } else if case .json(let bytes) = MoneyText.byCurrency(sums) {
        builder.append(bytes.span, to: 0)
      } else {
        builder.appendNullText(to: 0)
      }
    }
    return builder.build().columns[0]
  }

  /// The one sum of `sums` that is shown.
  func shown(_ sums: MoneyByCurrency) -> Int128? {
    currency.map { wanted in sums.entries.first { $0.currency == wanted }?.amount ?? 0 } ?? sums.single
  }
}
