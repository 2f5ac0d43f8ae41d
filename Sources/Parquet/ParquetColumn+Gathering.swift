extension ParquetColumn {
  /// What gathers cells of this column.
  func gatherer() -> any ColumnGathering {
    switch type {
    case .boolean: ColumnGatherer<Bool>(self) { if case .boolean(let flag) = $0 { flag } else { nil } }
    case .integer, .timestamp: ColumnGatherer<Int64>(self) { if case .integer(let number) = $0 { number } else { nil } }
    case .real: ColumnGatherer<RealValue>(self) { if case .real(let number) = $0 { RealValue(number) } else { nil } }
    case .text, .json:
      ColumnGatherer<TextValue>(self) { if case .text(let bytes) = $0 { TextValue(bytes: bytes) } else { nil } }
    case .decimal(let precision, _): decimals(precision)
    }
  }

  private func decimals(_ precision: Int) -> any ColumnGathering {
    let limit = ParquetType.powerOfTen(precision)
    let byteCount = type.fixedByteCount ?? 16
    return ColumnGatherer<DecimalValue>(self) { cell in
      guard case .amount(let amount) = cell, amount > -limit, amount < limit else { return nil }
      return DecimalValue(amount: amount, byteCount: byteCount)
    }
  }
}
