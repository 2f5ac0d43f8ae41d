internal import Checkpoints
internal import ColdStore
internal import Columns
package import Landing
package import Query
internal import TestSupport
internal import Windows

extension Snapshot {
  /// The same messages between two commits: some files are as they are, and the rows of others are in none yet; of no
  /// file there are any where `keepsFiles` is false.
  package func scattered(seed: UInt64, keepsFiles: Bool = true) throws -> Present {
    var random = SeededRandom(seed: seed)
    var commit = commit
    var unwritten: [String: [BatchSlice]] = [:]
    for (index, state) in commit.tables.enumerated()
    where [TableNames.events, TableNames.deadLetters].contains(state.name) {
      let table = try table(state.name)
      var segments = state.segments
      var tail = state.tail
      var deletions = state.deletions
      for (path, _) in try table.files() where !keepsFiles || random.next() % 2 == 0 {
        segments.removeAll { $0.path == path }
        if tail?.path == path { tail = nil }
        deletions[path] = nil
        try table.forEachPiece { piece in
          if piece.path == path { unwritten[state.name, default: []].append(BatchSlice(piece.batch, rows: piece.rows)) }
        }
      }
      commit.tables[index] = TableState(
        name: state.name, schema: state.schema, segments: segments, tail: tail, deletions: deletions,
        nextSequence: state.nextSequence)
    }
    return Present(commit: commit, unwritten: unwritten)
  }
}
