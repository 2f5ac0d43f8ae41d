package import Checkpoints
package import ColdStore
internal import Columns
package import Commerce
internal import Encodings
internal import Landing
internal import Windows

/// The tables of one commit in the words of the reference: what is stored, merged with what live state holds.
package struct StoredTables {
  /// Where the stored events came from, and what identifies each.
  package var events: [PlainPosition: String] = [:]
  /// More than one row of an event at one position.
  package var doubledEvents = 0
  package var deadLetters: [PlainPosition: String] = [:]
  package var rawLetters: [PlainPosition: [UInt8]] = [:]
  /// Of each rollup, what its panes hold.
  package var rollups: [[PlainWindow]] = []
  package var sessions: [PlainSession] = []
  /// By position.
  package var orders: [PlainOrder] = []
  package var waiting: Set<PlainPosition> = []

  /// Those of the first rollup.
  package var windows: [PlainWindow] { rollups[0] }

  private let directory: String
  private let commit: Commit
  private let fileSystem: any FileSystem

  package init(
    _ commit: Commit, job: Job, directory: String, log: CommitLog, fileSystem: any FileSystem = LocalFileSystem()
  ) throws {
    self.directory = directory
    self.commit = commit
    self.fileSystem = fileSystem
    try readEvents()
    try readDeadLetters()
    try eachPiece(TableNames.waiting) { piece in
      for row in piece.rows { waiting.insert(position(piece.batch, Int(row))) }
    }
    try readWindows(job, log)
    try readSessions(job, log)
    try readOrders()
  }

  private func eachPiece(_ name: String, _ body: (TableReader.Piece) throws -> Void) throws {
    guard let state = commit.tables.first(where: { $0.name == name }) else { return }
    try TableReader(state: state, directory: directory, fileSystem: fileSystem).forEachPiece(body)
  }

  private func position(_ batch: Batch, _ row: Int) -> PlainPosition {
    PlainPosition(partition: Int(batch.integers(0).values[row]), offset: Int(batch.integers(1).values[row]))
  }

  private mutating func readEvents() throws {
    var events: [PlainPosition: String] = [:]
    var doubled = 0
    try eachPiece(TableNames.events) { piece in
      guard let identifiers = piece.batch.schema.index(of: "event_id") else { return }
      for row in piece.rows.map(Int.init) {
        let before = events.updateValue(
          piece.batch.strings(identifiers).text(row) ?? "", forKey: position(piece.batch, row))
        if before != nil { doubled += 1 }
      }
    }
    self.events = events
    doubledEvents = doubled
  }

  private mutating func readOrders() throws {
    var orders: [PlainOrder] = []
    try eachPiece(TableNames.orders) { piece in
      let schema = piece.batch.schema
      guard let time = schema.index(of: "event_ts"), let type = schema.index(of: "event_type"),
        let order = schema.index(of: "order_id"), let identifier = schema.index(of: "event_id")
      else { return }
      for row in piece.rows.map(Int.init) {
        orders.append(
          PlainOrder(
            position: position(piece.batch, row), time: piece.batch.integers(time)[row] ?? -1,
            type: piece.batch.strings(type).text(row) ?? "", order: piece.batch.strings(order).text(row),
            identifier: piece.batch.strings(identifier).text(row) ?? ""))
      }
    }
    self.orders = orders.sorted()
  }

  private mutating func readDeadLetters() throws {
    var letters: [PlainPosition: String] = [:]
    var raw: [PlainPosition: [UInt8]] = [:]
    try eachPiece(TableNames.deadLetters) { piece in
      for row in piece.rows.map(Int.init) {
        let position = position(piece.batch, row)
        letters[position] = piece.batch.strings(2).text(row)
        let bytes = piece.batch.strings(4).bytes(row)
        raw[position] = bytes.indices.map { bytes[$0] }
      }
    }
    deadLetters = letters
    rawLetters = raw
  }

  private mutating func readWindows(_ job: Job, _ log: CommitLog) throws {
    let live = try commit.operatorStates[Merger.name].flatMap { try log.readState($0).last }.map { bytes in
      try MergerState(bytes, tables: job.rollupTables).live
    }
    rollups = try job.rollupTables.enumerated().map { number, table in
      var merged: [PaneKey<GroupValues>: PartialAggregate] = [:]
      func add(_ key: PaneKey<GroupValues>, _ value: PartialAggregate) {
        if merged[key] == nil { merged[key] = value } else { merged[key]?.merge(value) }
      }
      try eachPiece(table.rollup.name) { piece in
        for row in piece.rows {
          let partial = try table.partial(piece.batch, row: Int(row))
          add(partial.key, partial.value)
        }
      }
      for partial in live ?? [] where partial.rollup == number { add(partial.key, partial.value) }
      return merged.map { window($0.key, $0.value) }.sorted()
    }
  }

  private func window(_ key: PaneKey<GroupValues>, _ value: PartialAggregate) -> PlainWindow {
    var window = PlainWindow(start: key.pane.lowerBound)
    window.group = key.group.map { $0.map { String(decoding: $0, as: UTF8.self) } }
    window.events = Int(value.eventCount)
    window.counts = value.counts.map(Int.init)
    window.sessions = value.distincts[0].count
    window.users = value.distincts[1].count
    window.orders = value.distincts[2].count
    window.revenue = plain(value.amounts[0])
    window.refunds = plain(value.amounts[1])
    return window
  }

  private mutating func readSessions(_ job: Job, _ log: CommitLog) throws {
    var rows: [PlainSession] = []
    let table = job.keyed.sessionTable
    try eachPiece(TableNames.sessions) { piece in
      for row in piece.rows { rows.append(try session(piece.batch, Int(row), table)) }
    }
    var open = BatchBuilder(table.schema)
    for (name, state) in commit.operatorStates where name.hasPrefix(KeyGroup.namePrefix) {
      try KeyGroup.appendOpenSessions(
        of: try log.readState(state), rules: job.keyed.sessionRules, table: table, to: &open)
    }
    let batch = open.build()
    for row in 0..<batch.rowCount { rows.append(try session(batch, row, table)) }
    sessions = rows.sorted()
  }

  private func session(_ batch: Batch, _ row: Int, _ table: SessionTable) throws -> PlainSession {
    let count = table.measures.counts.count
    func integer(_ column: Int) -> Int64 { batch.integers(column)[row] ?? -1 }
    let bytes = batch.strings(4 + count).bytes(row)
    var reader = ByteReader(bytes.indices.map { bytes[$0] })
    guard case .boolean(let converted) = batch.columns[5 + count] else {
      throw CorruptionError("converted is no boolean")
    }
    return PlainSession(
      key: batch.strings(SessionTable.keyColumn).text(row) ?? "", start: integer(SessionTable.startColumn),
      end: integer(SessionTable.endColumn), events: Int(integer(3)),
      counts: (0..<count).map { Int(integer(4 + $0)) }, revenue: plain(try MoneyByCurrency(from: &reader)),
      converted: converted[row] == 1, funnelStep: Int(integer(6 + count)),
      texts: (0..<4).map { batch.strings(7 + count + $0).text(row) })
  }

  private func plain(_ money: MoneyByCurrency) -> PlainMoney {
    Dictionary(
      uniqueKeysWithValues: money.entries.map { (String(decoding: $0.currency, as: UTF8.self), Int64($0.amount)) })
  }
}
