public import Checkpoints
internal import Windows

extension SourceState {
  /// Whether every message is accounted for exactly once (SEMANTICS §21).
  public var isConserved: Bool { received == accepted + duplicates + waiting + deadLetters }

  /// Prefix of the counters of accepted events by type.
  public static let typePrefix = "type."
  public static let identifierConflicts = "identifier_conflicts"
  public static let decimalsRounded = "decimals_rounded"
}

extension SourceCounts {
  /// What a commit says of a source.
  init(_ state: SourceState, typeNames: [String]) {
    self.init()
    received = state.received
    accepted = state.accepted
    duplicates = state.duplicates
    waiting = state.waiting
    deadLetters = state.deadLetters
    reasons = state.reasons
    identifierConflicts = state.counters[SourceState.identifierConflicts] ?? 0
    decimalsRounded = state.counters[SourceState.decimalsRounded] ?? 0
    for (code, name) in typeNames.enumerated() {
      if let count = state.counters[SourceState.typePrefix + name] { types[UInt8(code)] = count }
    }
  }

  func copy(to state: inout SourceState, typeNames: [String]) {
    state.received = received
    state.accepted = accepted
    state.duplicates = duplicates
    state.waiting = waiting
    state.deadLetters = deadLetters
    state.reasons = reasons
    state.counters[SourceState.identifierConflicts] = identifierConflicts
    state.counters[SourceState.decimalsRounded] = decimalsRounded
    for (code, count) in types { state.counters[SourceState.typePrefix + typeNames[Int(code)]] = count }
  }
}
