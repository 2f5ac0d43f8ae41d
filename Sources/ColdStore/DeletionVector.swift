public import Encodings

/// Rows of an immutable file that are no longer visible: sorted row numbers, counted across its row groups.
public struct DeletionVector: Sendable, Equatable {
  /// Ascending, each once.
  public private(set) var rows: [UInt32]

  public init() { rows = [] }

  /// From rows in any order, repeats included.
  public init(_ rows: some Sequence<UInt32>) {
    self.rows = []
    for row in rows.sorted() where row != self.rows.last { self.rows.append(row) }
  }

  public var count: Int { rows.count }
  public var isEmpty: Bool { rows.isEmpty }

  /// O(log n).
  public func contains(_ row: Int) -> Bool {
    let index = lowerBound(row)
    return index < rows.count && Int(rows[index]) == row
  }

  /// The deleted rows inside `range`, counted from its beginning. O(log n + answer).
  public func slice(_ range: Range<Int>) -> [UInt32] {
    rows[lowerBound(range.lowerBound)..<lowerBound(range.upperBound)].map { $0 - UInt32(range.lowerBound) }
  }

  /// Rows of `range` that are still visible, counted from its beginning; nil where all are. O(range).
  public func visible(in range: Range<Int>) -> [UInt32]? {
    var deleted = slice(range)[...]
    guard !deleted.isEmpty else { return nil }
    var visible: [UInt32] = []
    visible.reserveCapacity(range.count - deleted.count)
    for row in 0..<UInt32(range.count) {
      if row == deleted.first { deleted.removeFirst() } else { visible.append(row) }
    }
    return visible
  }

  /// The rows of either.
  public func union(_ other: DeletionVector) -> DeletionVector { DeletionVector(rows + other.rows) }

  /// The number of rows, the first row, then the distances minus one, all as varints.
  public func write(to writer: inout ByteWriter) {
    writer.writeVarint(UInt64(rows.count))
    var next: UInt64 = 0
    for row in rows {
      writer.writeVarint(UInt64(row) - next)
      next = UInt64(row) + 1
    }
  }

  public init(from reader: inout ByteReader) throws(CorruptionError) {
    let count = try reader.readCount(of: "deleted rows")
    rows = []
    rows.reserveCapacity(count)
    var next: UInt64 = 0
    for _ in 0..<count {
      let (row, overflows) = next.addingReportingOverflow(try reader.readVarint())
      guard !overflows, row <= UInt64(UInt32.max) else {
        throw CorruptionError("a deleted row is out of range", offset: reader.offset)
      }
      rows.append(UInt32(row))
      next = row + 1
    }
  }

  private func lowerBound(_ row: Int) -> Int {
    var (low, high) = (0, rows.count)
    while low < high {
      let middle = (low + high) / 2
      if Int(rows[middle]) < row { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
