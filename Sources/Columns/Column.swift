/// A column of fixed-width values.
public struct FixedColumn<Value: BitwiseCopyable & Sendable>: Sendable {
  public let values: ColumnBuffer<Value>
  /// Which rows hold a value; nil where all do. A null's value is zero.
  public let validity: ValidityBitmap?

  public init(values: ColumnBuffer<Value>, validity: ValidityBitmap? = nil) {
    self.values = values
    self.validity = validity
  }

  public var rowCount: Int { values.count }
  @inlinable public func isNull(_ row: Int) -> Bool { validity.map { !$0.isValid(row) } ?? false }
  /// The value of `row`, or nil.
  @inlinable public subscript(row: Int) -> Value? { isNull(row) ? nil : values[row] }
}

/// What a column's values are.
public enum ColumnType: UInt8, Sendable, CaseIterable {
  /// Counts, offsets, codes.
  case integer = 0
  /// Milliseconds since 1970 UTC.
  case time = 1
  /// Ten-thousandths of a currency unit, or of anything counted in fixed point (quantities).
  case decimal = 2
  case real = 3
  case boolean = 4
  /// UTF-8 text.
  case string = 5
  /// Bytes of no declared form.
  case binary = 6
}

/// One column of a batch. `time` and `decimal` are carried as `integer`, `binary` as `string`.
public enum Column: Sendable {
  case integer(FixedColumn<Int64>)
  case real(FixedColumn<Double>)
  /// 0 or 1.
  case boolean(FixedColumn<UInt8>)
  case string(StringColumn)

  public var rowCount: Int {
    switch self {
    case .integer(let column): column.rowCount
    case .real(let column): column.rowCount
    case .boolean(let column): column.rowCount
    case .string(let column): column.rowCount
    }
  }

  public func isNull(_ row: Int) -> Bool {
    switch self {
    case .integer(let column): column.isNull(row)
    case .real(let column): column.isNull(row)
    case .boolean(let column): column.isNull(row)
    case .string(let column): column.isNull(row)
    }
  }
}
