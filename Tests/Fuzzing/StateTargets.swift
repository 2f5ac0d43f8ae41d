internal import Checkpoints
internal import Columns
internal import Commerce
internal import Encodings
internal import Windows

extension FuzzTarget {
  /// An input is what lies between a commit's magic and its checksum.
  static let commit = FuzzTarget("commit", "a commit: sources, tables, states", seeds: EngineFiles.commits) { bytes in
    var file = ByteWriter()
    file.append(Commit.magic)
    file.append(bytes)
    file.write(file.checksum())
    let commit = try Commit(file.bytes)
    precondition((try? Commit(commit.encoded())) == commit, "a commit that was written again is another")
  }

  static let identities = FuzzTarget(
    "identities", "the identities that a key group knows", seeds: EngineFiles.identities
  ) { bytes in
    var set = DeduplicationSet()
    try set.restore(from: bytes)
    var writer = ByteWriter()
    set.encode(into: &writer)
    var again = DeduplicationSet()
    try again.restore(from: writer.bytes)
    precondition(again.oldestKept == set.oldestKept, "a set that was written again keeps others")
  }

  static let keyGroup = FuzzTarget(
    "key-group", "the sessions of a key group", seeds: EngineFiles.keyGroups
  ) { bytes in
    let plan = try EngineFiles.job.get().keyed
    var rows = BatchBuilder(plan.sessionTable.schema)
    try KeyGroup.appendOpenSessions(of: [bytes], rules: plan.sessionRules, table: plan.sessionTable, to: &rows)
    CellWalk.walk(rows.build())
  }

  static let merger = FuzzTarget(
    "merger", "the state of the merger: live windows", seeds: EngineFiles.mergers
  ) { bytes in
    let tables = try EngineFiles.job.get().rollupTables
    let state = try MergerState(bytes, tables: tables)
    // What readers do with them: windows over panes, and one sum of all.
    for index in tables.indices {
      var sum = PartialAggregate(tables[index].rollup.measures, distinctExactLimit: tables[index].distinctExactLimit)
      for live in state.live where live.rollup == index {
        sum.merge(live.value)
        _ = tables[index].rollup.shape.windows(overPane: live.key.pane)
      }
    }
  }

  static let distinctSet = FuzzTarget(
    "distinct-set", "a set of distinct things: hashes or a sketch", maximumByteCount: 25_000, seeds: DistinctSeeds.all
  ) { bytes in
    var set = try DistinctSet(encoded: bytes)
    let again = try DistinctSet(encoded: set.encoded())
    precondition(again.count == set.count, "a set that was written again has another count")
    set.formUnion(again)
  }
}

private enum DistinctSeeds {
  @Sendable static func all() -> [[UInt8]] {
    [0, 1, 40, 3000].map { count in
      var set = DistinctSet()
      for number in 0..<UInt64(count) { set.insert(number &* 0x9E37_79B9_7F4A_7C15) }
      return set.encoded()
    }
  }
}
