internal import Checkpoints
internal import ColdStore
internal import Columns
internal import Landing
internal import PlainReference
internal import Windows

/// Events and dead letters as a reader finds them between two commits.
struct PresentMessages {
  /// By position what identifies the event.
  private(set) var events: [PlainPosition: String] = [:]
  private(set) var deadLetters: Set<PlainPosition> = []
  /// Rows of a position that has one already.
  private(set) var doubled = 0

  init(_ present: Present, directory: String, fileSystem: any FileSystem) throws {
    for state in present.commit.tables where [TableNames.events, TableNames.deadLetters].contains(state.name) {
      let table = TableReader(
        state: state, unwritten: present.unwritten[state.name] ?? [], directory: directory, fileSystem: fileSystem)
      try table.forEachPiece { add(state.name, $0.batch, $0.rows) }
      for slice in table.unwritten { add(state.name, slice.batch, slice.positions) }
    }
  }

  private mutating func add(_ table: String, _ batch: Batch, _ rows: SelectionVector) {
    let identifiers = batch.schema.index(of: "event_id").map { batch.strings($0) }
    let (sources, offsets) = (batch.integers(0).values, batch.integers(1).values)
    for row in rows.map(Int.init) {
      let position = PlainPosition(partition: Int(sources[row]), offset: Int(offsets[row]))
      let isNew =
        table == TableNames.events
        ? events.updateValue(identifiers?.text(row) ?? "", forKey: position) == nil
        : deadLetters.insert(position).inserted
      doubled += isNew ? 0 : 1
    }
  }
}
