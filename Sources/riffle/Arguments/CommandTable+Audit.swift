extension CommandTable {
  static let auditVerify = CommandSpecification(
    identity: .auditVerify,
    name: "audit verify",
    purpose: "Tell whether a line of an audit trail was changed or taken out",
    details: """
      The file is what http.audit_file names. Each of its lines has the hash of the one before, so a line that was
      changed, taken out or put in is named. Lines that were cut off the end are missed by nobody but who has noted the
      hash of a later one: note the one that is printed.
      """,
    operands: .init(usage: "FILE", summary: "The audit trail", count: 1...1),
    flags: [json],
    example: "riffle audit verify audit.ndjson",
    exitCodes: [.success, .usage, .badData, .cannotOpenInput, .ourBug, .inputOutput])
}
