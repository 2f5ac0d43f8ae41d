/// Some rows of a batch.
public struct BatchSlice: Sendable {
  public let batch: Batch
  public let rows: SelectionVector

  public init(_ batch: Batch, rows: SelectionVector) {
    self.batch = batch
    self.rows = rows
  }
}
