public import Columns
public import Windows

/// How rows of the `events` table become what the operators work on again; the domain provides it.
public struct StoredEvents: Sendable {
  public let names: EventLayout.Names
  public let sessionMode: SessionMode
  /// The type code of each row of a column of event types.
  public let typeCodes: @Sendable (StringColumn) -> ColumnBuffer<UInt8>

  public init(
    names: EventLayout.Names, sessionMode: SessionMode,
    typeCodes: @escaping @Sendable (StringColumn) -> ColumnBuffer<UInt8>
  ) {
    self.names = names
    self.sessionMode = sessionMode
    self.typeCodes = typeCodes
  }

  /// The facts of `batch`, which has at least the columns that `names` names.
  public func events(_ batch: Batch) -> EventBatch {
    let layout = EventLayout(schema: batch.schema, names: names)
    let contentHashes = ColumnBuffer<UInt64>(capacity: batch.rowCount)
    contentHashes.seal(count: batch.rowCount)
    var watermark: PartitionWatermark?
    return EventBatch(
      batch, layout: layout, mode: sessionMode, types: typeCodes(batch.strings(layout.eventType)),
      contentHashes: contentHashes, watermark: &watermark)
  }
}
