internal import Columns
internal import Encodings

/// Few rows of a column are those that all of it has.
enum FewRows {
  /// Reads all rows and some, which `bytes` choose: both may be refused, but not some where all are read.
  static func check(
    all: () throws -> Column, of rowCount: Int, _ bytes: [UInt8], chosen: (SelectionVector) throws -> Column
  ) throws {
    let rows = rows(of: rowCount, Hash.hash64(bytes.span))
    let column: Column
    do {
      column = try all()
    } catch {
      // What is wrong may lie elsewhere than in these rows.
      if let some = try? chosen(rows) { CellWalk.walk(some) }
      throw error
    }
    precondition(column.rowCount == rowCount, "a page has \(column.rowCount) rows instead of \(rowCount)")
    CellWalk.walk(column)
    let some = try chosen(rows)
    precondition(some.rowCount == rows.count, "\(some.rowCount) rows were read instead of \(rows.count)")
    let expected = Gathering.column(column, rows)
    precondition(CellWalk.walk(some) == CellWalk.walk(expected), "some rows are other than among all of them")
  }

  /// Up to seventeen of them, with gaps of any size.
  private static func rows(of rowCount: Int, _ choice: UInt64) -> SelectionVector {
    var (random, row, rows) = (choice | 1, 0, SelectionVector())
    for _ in 0..<17 {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      row += Int((random >> 33) % UInt64(max(1, rowCount / 8)))
      guard row < rowCount else { break }
      rows.append(UInt32(row))
      row += 1
    }
    return rows
  }
}
