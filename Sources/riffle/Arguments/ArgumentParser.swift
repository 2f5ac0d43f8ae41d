import Telemetry

/// From the words of a command line to `ParsedArguments`, by the conventions of GNU: `--flag value`, `--flag=value`,
/// flags and operands in any order, operands only after `--`.
struct ArgumentParser {
  private var words: ArraySlice<String>
  private var parsed: ParsedArguments

  /// Parses everything after the program's name.
  ///
  /// - Throws: A usage error that names the mistyped word and, where one is near, the word that was meant.
  static func parse(_ words: [String]) throws(CommandError) -> ParsedArguments {
    guard let first = words.first else {
      throw .usage("a command is missing: \(names.joined(separator: ", ")); see 'riffle --help'")
    }
    let anyCommand = CommandTable.all[0]
    switch first {
    case "--help", "-h": return ParsedArguments(action: .help(nil), command: anyCommand)
    case "--version": return ParsedArguments(action: .version, command: anyCommand)
    case "help":
      let topic = words.dropFirst().joined(separator: " ")
      guard topic.isEmpty || CommandTable.named(topic) != nil else { throw unknownCommand(topic) }
      return ParsedArguments(action: .help(topic.isEmpty ? nil : topic), command: anyCommand)
    default: break
    }
    let (command, rest) = try findCommand(words)
    var parser = ArgumentParser(words: rest, parsed: ParsedArguments(action: .command, command: command))
    try parser.parseRest()
    return parser.parsed
  }

  private static var names: [String] { CommandTable.all.map(\.name) }

  private static func findCommand(_ words: [String]) throws(CommandError)
    -> (CommandSpecification, ArraySlice<String>)
  {
    if words[0].hasPrefix("-") {
      let known = ["--help", "--version"]
      let hint = NearestName.hint(words[0], among: known)
      throw .usage("a command comes before '\(words[0])'\(hint.isEmpty ? "; see 'riffle --help'" : hint)")
    }
    for length in [2, 1] where words.count >= length {
      let name = words[..<length].joined(separator: " ")
      if let command = CommandTable.named(name) { return (command, words[length...]) }
    }
    let subcommands = names.filter { $0.hasPrefix(words[0] + " ") }
    guard !subcommands.isEmpty else { throw unknownCommand(words[0]) }
    guard words.count > 1, !words[1].hasPrefix("-") else {
      throw .usage("'\(words[0])' needs one of: \(subcommands.joined(separator: ", "))")
    }
    throw unknownCommand(words[..<2].joined(separator: " "))
  }

  private static func unknownCommand(_ name: String) -> CommandError {
    let hint = NearestName.hint(name, among: names + ["help"])
    return .usage("unknown command '\(name)'\(hint.isEmpty ? "; see 'riffle --help'" : hint)")
  }

  private mutating func parseRest() throws(CommandError) {
    while let word = words.popFirst() {
      if word == "--" {
        parsed.operands += words
        words = []
      } else if word == "--help" || word == "-h" {
        parsed.action = .help(parsed.command.name)
        return
      } else if word.hasPrefix("-"), word != "-" {
        try parseFlag(word)
      } else {
        parsed.operands.append(word)
      }
    }
    try checkCounts()
  }

  private mutating func parseFlag(_ word: String) throws(CommandError) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let command = parsed.command
    guard word.hasPrefix("--"), let flag = command.flag(String(parts[0].dropFirst(2))) else {
      let hint = NearestName.hint(parts[0], among: command.flags.map { "--" + $0.name } + ["--help"])
      throw usage("unknown flag '\(parts[0])'\(hint)")
    }
    guard let placeholder = flag.placeholder else {
      guard parts.count == 1 else { throw usage("--\(flag.name) takes no value, but has '\(parts[1])'") }
      parsed.values[flag.name] = [""]
      return
    }
    guard let value = parts.count == 2 ? parts[1] : words.popFirst() else {
      throw usage("--\(flag.name) needs a value: --\(flag.name) \(placeholder)")
    }
    if let problem = flag.problem(with: value) { throw usage("--\(flag.name) \(problem)") }
    if !flag.isRepeatable, let earlier = parsed.given(flag.name) {
      throw usage("--\(flag.name) is given twice: '\(earlier)' and '\(value)'")
    }
    parsed.values[flag.name, default: []].append(value)
  }

  private func checkCounts() throws(CommandError) {
    let command = parsed.command
    for flag in command.flags where flag.isRequired && !parsed.has(flag.name) {
      throw usage("--\(flag.name) \(flag.placeholder ?? "") is required")
    }
    if parsed.operands.count < command.operands.count.lowerBound {
      throw usage("needs \(command.operands.usage): \(command.operands.summary.lowercasedFirst)")
    }
    if parsed.operands.count > command.operands.count.upperBound {
      throw usage("takes no '\(parsed.operands[command.operands.count.upperBound])'")
    }
  }

  private func usage(_ problem: String) -> CommandError {
    let help = problem.contains("did you mean") ? "" : "; see 'riffle help \(parsed.command.name)'"
    return .usage("\(parsed.command.name): \(problem)\(help)")
  }
}

extension String {
  /// The text as it reads inside a sentence.
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
