import Query

extension CommandTable {
  static let query = CommandSpecification(
    identity: .query,
    name: "query",
    purpose: "Answer a question in JSON from the tables of the data directory",
    details: """
      The query says the table, which rows (from, to, filters) and one of: measures by groups (group_by, measures),
      plain rows (select), or a funnel; then order, limit, and as_of for a commit that is still kept, or a time. Sums of
      money are exact. Sources/Query/README.md has the language and examples. Answers in JSON say what was read; with
      other formats that goes to standard error.
      """,
    operands: .init(
      usage: "QUERY", summary: "The query as JSON, a file that holds it, or - for standard input", count: 1...1),
    flags: [
      data,
      FlagSpecification(
        name: "format", kind: .choice(QueryFormat.allCases.map(\.rawValue)),
        summary: "How the answer is printed, over what the query says (default: json)"),
      output, config, set,
    ],
    example: #"riffle query '{"table":"events","group_by":["event_type"],"measures":[{"count":"*"}]}' --format csv"#,
    exitCodes: [.success, .usage, .badData, .cannotOpenInput, .ourBug, .cannotCreate, .inputOutput])
}
