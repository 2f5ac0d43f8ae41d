internal import Columns
internal import Commerce
internal import HotIndex
internal import Query
internal import Windows

/// What an answer is made of (SEMANTICS §7): everything known now, or the newest commit alone.
///
/// After a crash the latest numbers may step back to those of the newest commit, and come to the same again; committed
/// numbers never do. Every answer names its epoch.
enum ReadMode: String, CaseIterable {
  case latest
  case committed

  static let parameter = HTTPParameter(
    "read", "latest (default): all that is known now; committed: the newest commit alone, which no crash takes back.",
    .choice(ReadMode.allCases.map(\.rawValue)))

  init(_ query: HTTPQuery) throws(HTTPFailure) {
    let name = try query.choice("read", of: ReadMode.allCases.map(\.rawValue))
    self = name.flatMap(ReadMode.init(rawValue:)) ?? .latest
  }
}

extension EngineRoutes {
  /// Answers from the newest commit, on the queue for what reads the store; 503 before the first one.
  func committed(
    _ query: HTTPQuery, _ answer: @escaping @Sendable (Snapshot, Moment) throws -> HTTPResponse
  ) -> HTTPAnswer {
    .later(on: stored.queue) { try stored.read { try answer($0, Moment($0, self, query)) } }
  }

  /// The sessions that were open at `snapshot` and active after `time`: the newest of each key. O(open sessions).
  func committedSessions(_ snapshot: Snapshot, activeAfter time: Int64) throws -> OpenSessionRows {
    let table = view.job.keyed.sessionTable
    var open = BatchBuilder(table.schema)
    for state in try snapshot.keyGroupStates() {
      try KeyGroup.appendOpenSessions(of: state, rules: view.job.keyed.sessionRules, table: table, to: &open)
    }
    let all = open.build()
    let keys = all.strings(SessionTable.keyColumn)
    let ends = all.integers(SessionTable.endColumn).values
    var newest: [[UInt8]: UInt32] = [:]
    for row in 0..<all.rowCount where ends[row] > time {
      let key = Array(copying: keys.bytes(row))
      if let known = newest[key], ends[Int(known)] >= ends[row] { continue }
      newest[key] = UInt32(row)
    }
    var active = BatchBuilder(table.schema)
    active.append(all, rows: newest.values.sorted())
    return OpenSessionRows(count: newest.count, rows: active.build())
  }
}
