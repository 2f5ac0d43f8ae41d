/// What a query may hold in memory at once; whoever needs more is told what to do.
public struct QueryLimits: Sendable {
  /// Groups of an answer, of each worker while it scans. About 100 bytes each and 16 for each measure.
  public var groupsMax = 1 << 20
  /// Distinct values of all groups for a measure, up to 64 bytes each; values for percentiles, 24 bytes each.
  public var heldValuesMax = 1 << 24
  /// Groups with an approximate number of distinct values, up to 16 KiB each.
  public var approximateGroupsMax = 1 << 14
  /// Plain rows that are put in order, about 100 bytes a cell.
  public var orderedRowsMax = 100_000
  /// Windows or orders that are merged of their parts, some hundred bytes each.
  public var mergedRowsMax = 1 << 22
  /// Threads that scan.
  public var workers: Int

  /// As many workers as there are processors.
  public init(workers: Int = Processors.count) { self.workers = max(workers, 1) }
}
