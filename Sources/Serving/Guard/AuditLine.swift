internal import Telemetry

/// A line of the log for each request that takes away tables or changes the server: who, from where, what, and what
/// came of it, refusals included. Never the key.
enum AuditLine {
  /// Scopes whose requests are told.
  private static let scopes: Set<HTTPScope> = [.export, .admin]

  static func write(_ exchange: Exchange, byteCount: Int, to log: Log) {
    guard let scope = exchange.scope, scopes.contains(scope), let status = exchange.status else { return }
    // A refused request may have anything in its query, even a key.
    let target = status < 400 ? String(exchange.target.prefix(500)) : exchange.routePath
    log.info(
      "audit",
      [
        "key": .text(exchange.caller?.keyName ?? "none"), "address": .text("\(exchange.address)"),
        "method": .text(exchange.method), "route": .text(exchange.routePath), "target": .text(target),
        "status": .integer(Int64(status)), "bytes": .integer(Int64(byteCount)),
      ])
  }
}
