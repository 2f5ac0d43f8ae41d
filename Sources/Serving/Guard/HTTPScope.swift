/// What a key may be allowed to do; each route names the one that it needs.
public enum HTTPScope: String, Sendable, CaseIterable {
  /// Ask questions.
  case read
  /// Send events.
  case ingest
  /// Take away whole tables.
  case export
  /// Change what the server does.
  case admin
}
