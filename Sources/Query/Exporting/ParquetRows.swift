internal import Parquet

/// Printed rows as a Parquet file: the same values, each in the type of its column.
///
/// Money and numbers of ten-thousandths are exact decimals; shares and averages, which are rounded anyway, are floating
/// point.
struct ParquetRows {
  private let writer: ParquetWriter

  /// - Parameter sink: takes the bytes of the file in order.
  init(_ columns: [QueryColumn], rowsPerGroup: Int, to sink: @escaping ([UInt8]) throws -> Void) {
    writer = ParquetWriter(
      columns.map { ParquetColumn($0.name, ParquetRows.type(of: $0.kind)) }, rowsPerGroup: rowsPerGroup, sink: sink)
  }

  func append(_ values: [OutputValue]) throws { try writer.append(values.map(ParquetRows.cell)) }

  func finish() throws { try writer.finish() }

  private static func type(of kind: QueryColumn.Kind) -> ParquetType {
    switch kind {
    case .integer: .integer
    case .time: .timestamp
    // Sums of any number of amounts.
    case .money: .decimal(precision: 38, scale: 4)
    // What 64 bits hold.
    case .decimal: .decimal(precision: 19, scale: 4)
    case .real: .real
    case .boolean: .boolean
    case .text: .text
    case .json: .json
    }
  }

  private static func cell(_ value: OutputValue) -> ParquetCell {
    switch value {
    case .null: .null
    case .integer(let number), .time(let number): .integer(number)
    case .money(let amount): .amount(amount)
    case .decimal(let amount): .amount(Int128(amount))
    case .ratio(let ratio): .real(Double(ratio) / 10_000_000_000)
    case .real(let number): .real(number)
    case .boolean(let flag): .boolean(flag)
    case .text(let bytes), .json(let bytes): .text(wellFormed(bytes))
    }
  }

  /// As the other formats print it: what is no UTF-8 is replaced.
  private static func wellFormed(_ bytes: [UInt8]) -> [UInt8] {
    if (try? UTF8Span(validating: bytes.span)) != nil { return bytes }
    return Array(String(decoding: bytes, as: UTF8.self).utf8)
  }
}
