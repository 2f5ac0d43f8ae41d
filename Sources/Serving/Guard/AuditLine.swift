internal import Telemetry

/// What is kept of a request that takes away tables, asks a query or changes the server: who, from where, what, and
/// what came of it, refusals included. Never the key.
struct AuditLine: Sendable {
  /// Scopes whose requests are kept.
  private static let scopes: Set<HTTPScope> = [.export, .admin]
  private static let queryPath = "/query"

  let fields: Log.Fields

  /// Nil where the request is of no such kind, or was not answered.
  init?(_ exchange: Exchange, byteCount: Int) {
    guard let scope = exchange.scope, let status = exchange.status,
      AuditLine.scopes.contains(scope) || exchange.routePath == AuditLine.queryPath
    else { return nil }
    // A refused request may have anything in its query, even a key.
    let target = status < 400 ? String(exchange.target.prefix(500)) : exchange.routePath
    fields = [
      "key": .text(exchange.caller?.keyName ?? "none"), "address": .text("\(exchange.address)"),
      "method": .text(exchange.method), "route": .text(exchange.routePath), "target": .text(target),
      "status": .integer(Int64(status)), "bytes": .integer(Int64(byteCount)),
    ]
  }

  init(_ fields: Log.Fields) { self.fields = fields }

  func write(to json: inout JSONWriter) {
    for (name, value) in fields {
      switch value {
      case .text(let text): json.field(name, text)
      case .integer(let number): json.field(name, number)
      case .number(let number): json.field(name, number)
      case .boolean(let flag): json.field(name, flag)
      }
    }
  }
}
