internal import Columns

/// Which user or session each of some rows is of: the first of several keys that the row has, hashed.
///
/// A key's column is only asked for while there are rows without one, and of a dictionary each text is hashed once.
struct FunnelUnits {
  /// Hashed keys, of which some may be there several times.
  private(set) var hashes: [Hash128] = []
  /// By the position of a row among the rows: the position of its key.
  private(set) var numbers: [UInt32]

  /// - Parameter column: gives the column of a key. O(rows × keys).
  init(of rows: SelectionVector, keys: [String], column: (String) throws -> StringColumn) rethrows {
    numbers = [UInt32](repeating: 0, count: rows.count)
    var rest = SelectionVector(0..<UInt32(rows.count))
    for key in keys where !rest.isEmpty { rest = add(try column(key), rows, at: rest) }
    guard !rest.isEmpty else { return }
    hashes.append(Hash.hash128(Span()))
    for position in rest { numbers[Int(position)] = UInt32(hashes.count - 1) }
  }

  /// Numbers the rows at `positions` that have a text; those that have none are returned.
  private mutating func add(_ text: StringColumn, _ rows: SelectionVector, at positions: SelectionVector)
    -> SelectionVector
  {
    guard let distinct = text.distinct else { return addEach(text, rows, at: positions) }
    let (views, codes) = (text.views.span, distinct.codes.span)
    var known = [UInt32](repeating: .max, count: distinct.count)
    var rest: SelectionVector = []
    for position in positions {
      let row = Int(rows[Int(position)])
      guard views[row].length > 0 else {
        rest.append(position)
        continue
      }
      let code = Int(codes[row])
      if known[code] == .max {
        known[code] = UInt32(hashes.count)
        hashes.append(Hash.hash128(text.bytes(row)))
      }
      numbers[Int(position)] = known[code]
    }
    return rest
  }

  /// The same where texts are stored row by row.
  private mutating func addEach(
    _ text: StringColumn, _ rows: SelectionVector, at positions: SelectionVector
  ) -> SelectionVector {
    var rest: SelectionVector = []
    for position in positions {
      let row = Int(rows[Int(position)])
      guard text.views[row].length > 0 else {
        rest.append(position)
        continue
      }
      numbers[Int(position)] = UInt32(hashes.count)
      hashes.append(Hash.hash128(text.bytes(row)))
    }
    return rest
  }
}
