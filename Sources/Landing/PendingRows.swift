internal import Columns

/// Rows of one table and day that wait until they are enough for a row group.
///
/// Many rows of a batch stay where they are and are first copied into their pages; few are gathered, so that they do
/// not keep the whole batch in memory.
struct PendingRows {
  /// As many rows of a batch, and as large a part of it, stay where they are.
  private static let rowsLeftInPlace = 512
  private static let partLeftInPlace = 16

  private var inPlace: [BatchSlice] = []
  private var gathered: BatchBuilder
  private(set) var rowCount = 0
  private var bytesInPlace = 0

  init(_ schema: Schema) { gathered = BatchBuilder(schema) }

  /// Memory that waits, in bytes, roughly. O(columns).
  var heldBytes: Int { bytesInPlace + gathered.heldBytes }

  /// All rows, also for others to read. Few gathered rows are copied; many are put together here and stay so, so that
  /// who asks often neither copies much nor cuts rows into crumbs.
  mutating func slices() -> [BatchSlice] {
    if gathered.rowCount >= PendingRows.rowsLeftInPlace {
      bytesInPlace += gathered.heldBytes
      inPlace.append(BatchSlice(gathered.build()))
    }
    var few = gathered
    return few.rowCount > 0 ? inPlace + [BatchSlice(few.build())] : inPlace
  }

  mutating func append(_ slice: BatchSlice) {
    let (batch, count) = (slice.batch, slice.rowCount)
    rowCount += count
    if count >= PendingRows.rowsLeftInPlace, count * PendingRows.partLeftInPlace >= batch.rowCount {
      inPlace.append(slice)
      bytesInPlace += batch.byteCount / batch.rowCount * count
    } else {
      gathered.append(batch, rows: slice.positions)
    }
  }
}
