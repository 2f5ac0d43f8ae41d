internal import ColdStore
internal import Dataflow
internal import Encodings

// The states of operators: all of a commit in one file, so that one synchronization makes them durable.
extension CommitLog {
  /// So many parts of a log in a row, made of equally many, become one.
  package static let mergedParts = 16
  /// Parts are not merged into larger ones: they are few enough for what is in them.
  static let mergedBytes = 64 << 20

  /// The bytes of an operator's state, part by part, verified.
  public func readState(_ parts: [OperatorState]) throws -> [[UInt8]] { try parts.map(readState) }

  func readState(_ state: OperatorState) throws -> [UInt8] {
    let bytes = try present(state.path) { path in
      let file = try fileSystem.openFile(path)
      let available = max(0, try file.byteCount() - state.offset)
      return try file.read(at: state.offset, count: min(state.byteCount, available))
    }
    let checksum = Checksum.crc32c(bytes)
    guard bytes.count == state.byteCount, checksum == state.checksum else {
      throw CorruptionError(
        "\(bytes.count) bytes with checksum \(checksum) instead of \(state.byteCount) with \(state.checksum)",
        path: path(state.path))
    }
    return bytes
  }

  func write(
    _ states: [String: StateBytes], _ schemaVersions: [String: Int], to commit: inout Commit
  ) throws {
    let relativePath = "\(CommitLog.stateFolder)/state-\(CommitLog.digits(commit.epoch))"
    let file = try fileSystem.createFile(path(relativePath))
    var offset = 0
    for (name, state) in states.sorted(by: { $0.key < $1.key }) {
      var parts = state.isWhole ? [] : commit.operatorStates[name] ?? []
      if let span = state.logSpan { parts.removeAll { $0.newest ?? .max < span.neededFrom } }
      let (level, newest, bytes) = try merged(&parts, state)
      var byteCount = 0
      for piece in bytes {
        try file.append(piece.span)
        byteCount += piece.count
      }
      parts.append(
        OperatorState(
          path: relativePath, offset: offset, byteCount: byteCount, checksum: checksum(bytes),
          schemaVersion: schemaVersions[name] ?? 1, newest: newest, level: level))
      offset += byteCount
      commit.operatorStates[name] = parts
    }
    try file.synchronize()
    try fileSystem.synchronizeDirectory(path(CommitLog.stateFolder))
  }

  /// Takes from `parts` of a log those that become one with `state`, so that their number grows with the logarithm of
  /// the number of commits, and an old part does not keep the rest of its file: the bytes of all, in order.
  private func merged(
    _ parts: inout [OperatorState], _ state: StateBytes
  ) throws -> (level: Int, newest: Int64?, bytes: [[UInt8]]) {
    guard var newest = state.logSpan?.newest else { return (0, nil, state.pieces) }
    var (level, bytes, byteCount) = (0, state.pieces, state.byteCount)
    while true {
      let run = parts.suffix(CommitLog.mergedParts - 1)
      let runBytes = run.reduce(0) { $0 + $1.byteCount }
      guard run.count == CommitLog.mergedParts - 1, run.allSatisfy({ $0.level == level }),
        byteCount + runBytes <= CommitLog.mergedBytes
      else { return (level, newest, bytes) }
      bytes = try readState(Array(run)) + bytes
      byteCount += runBytes
      newest = max(newest, run.compactMap(\.newest).max() ?? newest)
      parts.removeLast(run.count)
      level += 1
    }
  }

  private func checksum(_ pieces: [[UInt8]]) -> UInt32 {
    pieces.reduce(0) { Checksum.crc32c($1, seed: $0) }
  }
}
