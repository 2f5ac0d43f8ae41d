extension CommandTable {
  static let keysCreate = CommandSpecification(
    identity: .keysCreate,
    name: "keys create",
    purpose: "Make a key for clients of the HTTP server",
    details: """
      Prints the key, which is stored nowhere, and the lines of the settings that let it in: they have its SHA-256
      alone. read asks questions, ingest sends events, export takes away tables, admin changes what the server does.
      """,
    operands: .none,
    flags: [
      FlagSpecification(name: "name", kind: .text("NAME"), isRequired: true, summary: "Whose key it is, for logs"),
      FlagSpecification(
        name: "scopes", kind: .text("SCOPE,SCOPE..."), defaultText: "read",
        summary: "What it may do: read, ingest, export, admin"),
      FlagSpecification(
        name: "requests-per-second", kind: .integer(1...1_000_000),
        summary: "How often it may ask (default: no limit)"),
      json,
    ],
    example: "riffle keys create --name shop --scopes ingest,read",
    exitCodes: [.success, .usage, .ourBug, .inputOutput])
}
