internal import Checkpoints
internal import Columns

/// The offsets of all sources, cut into stretches that can be held in memory.
struct LogStretches {
  struct Stretch {
    let source: Int64
    let offsets: Range<Int64>
  }

  private var sources: ArraySlice<SourceState>
  private let offsetsPerStretch: Int64
  private let first: ExportPosition
  private let end: ExportPosition?
  /// Where the next stretch of the first of `sources` begins.
  private var offset: Int64

  /// The positions at or after `first` and before `end`.
  init(_ rows: LogRows, from first: ExportPosition, before end: ExportPosition?) {
    sources = rows.sources.drop { Int64($0.id) < first.source }
    offsetsPerStretch = rows.offsetsPerStretch
    self.first = first
    self.end = end
    offset = 0
    beginSource()
  }

  private mutating func beginSource() {
    offset = sources.first.map { Int64($0.id) == first.source ? max(0, first.number) : 0 } ?? 0
  }

  mutating func next() -> Stretch? {
    while let source = sources.first {
      let identifier = Int64(source.id)
      if let end, identifier > end.source { return nil }
      let limit = end?.source == identifier ? min(source.nextOffset, end?.number ?? 0) : source.nextOffset
      if offset < limit {
        let start = offset
        offset = min(limit, start + offsetsPerStretch)
        return Stretch(source: identifier, offsets: start..<offset)
      }
      sources.removeFirst()
      beginSource()
    }
    return nil
  }
}

/// The rows of a table of messages between two positions, one after the other; a stretch of them is in memory.
struct LogRowsInOrder {
  private struct Found {
    let offset: Int64
    let batch: Int
    let row: Int
  }

  private let rows: LogRows
  private var stretches: LogStretches
  private var source: SourceState?
  private var batches: [Batch] = []
  private var found: ArraySlice<Found> = []

  init(_ rows: LogRows, from first: ExportPosition, before end: ExportPosition?) {
    self.rows = rows
    stretches = LogStretches(rows, from: first, before: end)
  }

  mutating func next() throws -> [OutputValue]? {
    while found.isEmpty {
      guard let stretch = stretches.next() else { return nil }
      try read(stretch)
    }
    guard let next = found.popFirst(), let source else { return nil }
    return rows.values(batches[next.batch], next.row, source)
  }

  private mutating func read(_ stretch: LogStretches.Stretch) throws {
    // What was printed goes before more is read.
    (batches, found) = ([], [])
    var all: [Found] = []
    for selected in try rows.selected(in: stretch) {
      let batch = batches.count
      all += selected.offsets.enumerated().map { Found(offset: $0.element, batch: batch, row: $0.offset) }
      batches.append(try rows.cells(of: selected))
    }
    source = rows.sources.first { Int64($0.id) == stretch.source }
    found = all.sorted { $0.offset < $1.offset }[...]
  }
}
