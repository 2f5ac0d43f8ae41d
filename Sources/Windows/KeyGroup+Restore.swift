public import Columns
public import Encodings

/// The stored state of a key group: the bytes of its last whole snapshot and of the changes since, or of a log.
public struct KeyGroupParts: Sendable {
  public var sessions: [[UInt8]] = []
  public var identities: [[UInt8]] = []

  public init() {}

  /// The stored states of key groups, by what stands behind the prefix in their names; `states` by the operator's.
  public static func all(in states: [String: [[UInt8]]]) -> [String: KeyGroupParts] {
    var parts: [String: KeyGroupParts] = [:]
    for (name, state) in states {
      if name.hasPrefix(KeyGroup.namePrefix) {
        parts[String(name.dropFirst(KeyGroup.namePrefix.count)), default: KeyGroupParts()].sessions = state
      } else if name.hasPrefix(KeyGroup.identitiesPrefix) {
        parts[String(name.dropFirst(KeyGroup.identitiesPrefix.count)), default: KeyGroupParts()].identities = state
      }
    }
    return parts
  }
}

// What was stored, taken over.
extension KeyGroup {
  /// Takes over a key group's stored state.
  ///
  /// Identities do not tell their key group: all are added, which does no harm.
  /// - Parameter isOwn: whether this key group wrote it, so that changes may be appended to it; else it takes what
  ///   belongs to key group `group` now that their number has changed.
  public func restore(from parts: KeyGroupParts, group: Int, isOwn: Bool) throws(CorruptionError) {
    let groupCount = plan.keyGroupCount
    for part in parts.identities { try state.duplicates.restore(from: part) }
    for part in parts.sessions {
      try state.sessions.restore(from: part) { isOwn || Int(Hash.murmur2($0.span) & 0x7FFF_FFFF) % groupCount == group }
    }
    _ = state.sessions.takeSealed()
    identityLog = IdentityLog(isStored: isOwn)
    changes = SessionChanges(stored: isOwn ? parts.sessions.count : 0, rows: state.sessions.eventCount)
    changes.begin(&state.sessions)
    // Lateness and horizon may have been less in the run before: what it gave up does not come back.
    let givenUp = max(state.duplicates.oldestKept, state.sessions.horizon)
    sealedThrough = max(sealedThrough, saturatingAdd(givenUp, -1))
  }

  /// Appends the rows of the open sessions in the stored sessions of a key group, for readers of a commit.
  public static func appendOpenSessions(
    of parts: [[UInt8]], rules: SessionRules, table: SessionTable, to rows: inout BatchBuilder
  ) throws(CorruptionError) {
    var sessions = OpenSessions(rules: rules, table: table)
    for part in parts { try sessions.restore(from: part) { _ in true } }
    sessions.appendOpen(to: &rows)
  }

  /// Whether the stored sessions of a key group have open ones.
  public static func hasOpenSessions(_ parts: [[UInt8]], plan: KeyedPlan) throws(CorruptionError) -> Bool {
    var sessions = OpenSessions(rules: plan.sessionRules, table: plan.sessionTable)
    for part in parts { try sessions.restore(from: part) { _ in true } }
    return sessions.keyCount > 0
  }
}
