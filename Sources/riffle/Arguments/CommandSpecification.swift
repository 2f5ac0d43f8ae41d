/// One command as the command table declares it.
struct CommandSpecification: Sendable {
  /// The code that a command runs.
  enum Identity: Sendable, CaseIterable {
    case run, demo, backfill, query, export, funnel, inspect, verify, backup, restore, rebuild, compact, configCheck,
      keysCreate, auditVerify, produce, replay
    case topicsCreate, topicsList, topicsDescribe, deadLettersList, deadLettersReplay
  }

  /// How many operands a command takes, and what they are.
  struct Operands: Sendable {
    /// As in the usage line: `FILE...`.
    let usage: String
    let summary: String
    let count: ClosedRange<Int>

    static let none = Operands(usage: "", summary: "", count: 0...0)
  }

  let identity: Identity
  /// What the user types; a space separates a command from its subcommand.
  let name: String
  /// One line, without a full stop.
  let purpose: String
  /// What one should know before using it.
  let details: String
  let operands: Operands
  let flags: [FlagSpecification]
  let example: String
  let exitCodes: [ExitCode]

  func flag(_ name: String) -> FlagSpecification? { flags.first { $0.name == name } }
}
