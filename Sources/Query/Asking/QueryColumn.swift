internal import Columns
internal import Commerce
internal import Windows

/// A column as a query sees it.
struct QueryColumn: Sendable, Equatable {
  /// What its values are: decides which literals it is compared with, what it can be measured by, how it is printed.
  enum Kind: Sendable, Equatable {
    case integer
    case time
    /// Ten-thousandths, printed with four digits.
    case money
    /// Ten-thousandths, printed without needless digits.
    case decimal
    case real
    case boolean
    case text
    /// Text that is printed as the JSON it is.
    case json

    /// Whether its values are bytes; all others are words.
    var isText: Bool { self == .text || self == .json }

    /// Whether its values can be added up.
    var isSummable: Bool { [.integer, .money, .decimal, .real].contains(self) }

    /// For people: `a time`.
    var name: String {
      switch self {
      case .integer: "a whole number"
      case .time: "a time"
      case .money, .decimal: "a number with at most four decimals"
      case .real: "a number"
      case .boolean: "true or false"
      case .text, .json: "a text in quotes"
      }
    }
  }

  /// Where its cells come from.
  enum Origin: Sendable, Equatable {
    case stored
    /// Both follow from the stored source.
    case topic
    case partition
    /// Price × quantity.
    case amount
    /// Both follow from a session's stored sums: that of one currency, and all of several.
    case sessionRevenue
    case sessionRevenueByCurrency
  }

  let name: String
  let kind: Kind
  var origin = Origin.stored

  /// The name of the stored column that is read for it.
  var storedName: String {
    switch origin {
    case .stored: name
    case .topic, .partition: "source"
    case .amount: EventSchema.names.price
    case .sessionRevenue, .sessionRevenueByCurrency: "revenue"
    }
  }
}

/// Values of all columns but text as one 64-bit word, whose order is that of the values.
enum Word {
  /// Of a real number: its bits, those of negative numbers turned over. Both zeros are one.
  static func of(_ number: Double) -> Int64 {
    let bits = Int64(bitPattern: (number == 0 ? 0 : number).bitPattern)
    return bits < 0 ? bits ^ Int64.max : bits
  }

  static func real(_ word: Int64) -> Double {
    Double(bitPattern: UInt64(bitPattern: word < 0 ? word ^ Int64.max : word))
  }

  /// The words of a column that is no text, which is a precondition; a column of integers is given as it is.
  static func column(_ column: Column) -> FixedColumn<Int64> {
    switch column {
    case .integer(let column): return column
    case .real(let column):
      let words = ColumnBuffer((0..<column.rowCount).map { of(column.values[$0]) })
      return FixedColumn(values: words, validity: column.validity)
    case .boolean(let column):
      let words = ColumnBuffer((0..<column.rowCount).map { Int64(column.values[$0]) })
      return FixedColumn(values: words, validity: column.validity)
    case .string: preconditionFailure("text has no words")
    }
  }

  /// What is printed for `word` of a column of `kind`.
  static func value(_ word: Int64, _ kind: QueryColumn.Kind) -> OutputValue {
    switch kind {
    case .integer: .integer(word)
    case .time: .time(word)
    case .money: .money(Int128(word))
    case .decimal: .decimal(word)
    case .real: .real(real(word))
    case .boolean: .boolean(word != 0)
    case .text, .json: preconditionFailure("text has no words")
    }
  }

  /// What is printed for the cell of `row`. `json` is printed as it is.
  static func value(_ column: Column, _ row: Int, _ kind: QueryColumn.Kind) -> OutputValue {
    guard !column.isNull(row) else { return .null }
    switch column {
    case .integer(let column): return value(column.values[row], kind)
    case .real(let column): return .real(column.values[row])
    case .boolean(let column): return .boolean(column.values[row] != 0)
    case .string(let column):
      let bytes = Array(copying: column.bytes(row))
      return kind == .json ? .json(bytes) : .text(bytes)
    }
  }
}
