internal import Columns
internal import Encodings

/// Few rows of a column are those that all of it has, and texts that are sought are found where they are.
enum FewRows {
  /// Reads all rows and some, which `bytes` choose, and looks for texts of these: all may be refused, but not some
  /// where all are read.
  static func check(
    all: () throws -> Column, of rowCount: Int, _ bytes: [UInt8], chosen: (SelectionVector) throws -> Column,
    sought: ([[UInt8]]) throws -> SelectionVector? = { _ in nil }
  ) throws {
    let rows = rows(of: rowCount, Hash.hash64(bytes.span))
    let column: Column
    do {
      column = try all()
    } catch {
      // What is wrong may lie elsewhere than in these rows.
      if let some = try? chosen(rows) { CellWalk.walk(some) }
      if let found = try? sought([Array("u_000001".utf8)]) { check(found, below: rowCount) }
      throw error
    }
    precondition(column.rowCount == rowCount, "a page has \(column.rowCount) rows instead of \(rowCount)")
    CellWalk.walk(column)
    let some = try chosen(rows)
    precondition(some.rowCount == rows.count, "\(some.rowCount) rows were read instead of \(rows.count)")
    let expected = Gathering.column(column, rows)
    precondition(CellWalk.walk(some) == CellWalk.walk(expected), "some rows are other than among all of them")
    if case .string(let text) = column { try check(text, rows, sought) }
  }

  /// Looks for a few of the texts of `rows`, and for one that is likely not there.
  private static func check(
    _ text: StringColumn, _ rows: SelectionVector, _ sought: ([[UInt8]]) throws -> SelectionVector?
  ) throws {
    let present = rows.prefix(3).filter { !text.isNull(Int($0)) }.map { [UInt8](copying: text.bytes(Int($0))) }
    let wanted = present + [Array("u_000001".utf8)]
    guard let found = try sought(wanted) else { return }
    check(found, below: text.rowCount)
    let expected = (0..<text.rowCount).filter { row in
      !text.isNull(row) && wanted.contains { isEqual(text.bytes(row), $0.span) }
    }
    precondition(found.map(Int.init) == expected, "texts are not found where they are")
  }

  private static func check(_ found: SelectionVector, below rowCount: Int) {
    precondition(found.allSatisfy { $0 < rowCount }, "a text is found behind the last row")
    precondition(zip(found, found.dropFirst()).allSatisfy(<), "rows are found out of order")
  }

  private static func isEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    left.count == right.count && left.indices.allSatisfy { left[$0] == right[$0] }
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
