internal import ColdStore
internal import Columns
internal import Landing
internal import Telemetry

/// What a query read, and what it was spared.
public struct ScanStatistics: Sendable, Equatable {
  /// Files that were opened, the tail among them, and segments whose times were known to lie elsewhere.
  public var segments = 0
  public var segmentsPruned = 0
  /// Row groups of those files of which something was read, and those that were known to hold nothing that was wanted,
  /// by zone maps or Bloom filters.
  public var rowGroups = 0
  public var rowGroupsPruned = 0
  /// Rows of the row groups that were read.
  public var rows = 0
  /// Stored bytes of the columns that were read, and the rest of the table's files.
  public var bytes = 0
  public var bytesPruned = 0

  func write(to json: inout JSONWriter) {
    json.object { json in
      json.field("segments", segments)
      json.field("segments_pruned", segmentsPruned)
      json.field("row_groups", rowGroups)
      json.field("row_groups_pruned", rowGroupsPruned)
      json.field("rows", rows)
      json.field("bytes", bytes)
      json.field("bytes_pruned", bytesPruned)
    }
  }

  /// As an object of JSON.
  public var json: [UInt8] {
    var json = JSONWriter()
    write(to: &json)
    return json.bytes
  }
}

extension ScanStatistics {
  /// Of a table of which nothing has been read yet.
  init(_ selection: TableReader.GroupSelection) {
    segments = selection.fileCount
    segmentsPruned = selection.prunedFileCount
    rowGroupsPruned = selection.prunedGroupCount
    bytesPruned = selection.byteCount
  }

  /// A unit was read.
  mutating func count(_ unit: ScanUnit, _ reader: UnitReader) {
    switch unit.rows {
    case .inMemory(let slice): rows += slice.rowCount
    case .stored(let group):
      rows += group.header.rowCount
      rowGroups += 1
      bytes += reader.bytesRead
      bytesPruned -= reader.bytesRead
    }
  }

  /// Adds what another worker read.
  mutating func add(_ other: ScanStatistics) {
    segments += other.segments
    segmentsPruned += other.segmentsPruned
    rowGroups += other.rowGroups
    rowGroupsPruned += other.rowGroupsPruned
    rows += other.rows
    bytes += other.bytes
    bytesPruned += other.bytesPruned
  }
}
