/// What a key group must not forget: which events it has seen, and the sessions that can still change.
///
/// The two are stored apart: identities as a log (`IdentityLog`), sessions whole or as changes (`SessionChanges`).
struct KeyGroupState: Sendable {
  var duplicates = DeduplicationSet()
  var sessions: OpenSessions

  init(rules: SessionRules, table: SessionTable, recordsSealed: Bool = false) {
    sessions = OpenSessions(rules: rules, table: table, recordsSealed: recordsSealed)
  }
}
