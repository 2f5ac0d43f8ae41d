/// Where a row stands among the exported rows of a table, which are in this order.
///
/// Of messages it is their source and offset; of merged rows, which are sorted in memory, 0 and the row's number.
public struct ExportPosition: Sendable, Hashable, Comparable {
  public let source: Int64
  public let number: Int64

  public init(source: Int64, number: Int64) {
    self.source = source
    self.number = number
  }

  /// Before every row.
  public static let first = ExportPosition(source: .min, number: 0)

  /// Behind every row.
  public static let last = ExportPosition(source: .max, number: .max)

  public static func < (left: ExportPosition, right: ExportPosition) -> Bool {
    (left.source, left.number) < (right.source, right.number)
  }
}
