/// Help pages, read off the command table.
enum HelpText {
  private static let lineWidth = 120

  /// The page of the whole program.
  static func program() -> String {
    let width = CommandTable.all.map(\.name.count).max() ?? 0
    let commands = CommandTable.all.map { "  \(pad($0.name, width))  \($0.purpose)" }
    return """
      Riffle: a shop's event stream in, exact sessions and KPIs out.

      Usage: riffle COMMAND [ARGUMENT...]
             riffle help COMMAND

      Commands:
      \(commands.joined(separator: "\n"))

      Results go to standard output, everything else to standard error.

      Exit codes:
      \(exitCodes(ExitCode.allCases))

      """
  }

  /// The page of one command.
  static func page(_ command: CommandSpecification) -> String {
    var page = """
      \(command.purpose).

      Usage: \(usage(command))

      \(command.details)

      """
    if !command.operands.usage.isEmpty {
      page += "\nArguments:\n  \(command.operands.usage)  \(command.operands.summary)\n"
    }
    let width = command.flags.map { label($0).count }.max() ?? 0
    page += "\nFlags:\n"
    for flag in command.flags {
      let lines = wrap(explanation(flag), width: lineWidth - width - 4)
      for (index, line) in lines.enumerated() { page += "  \(pad(index == 0 ? label(flag) : "", width))  \(line)\n" }
    }
    page += "\nExample:\n  \(command.example)\n\nExit codes:\n\(exitCodes(command.exitCodes))\n"
    return page
  }

  /// The usage line: `riffle export --table NAME [FLAG...]`.
  static func usage(_ command: CommandSpecification) -> String {
    let required = command.flags.filter(\.isRequired).map { label($0) }
    let words = ["riffle", command.name] + required + [command.operands.usage, "[FLAG...]"]
    return words.filter { !$0.isEmpty }.joined(separator: " ")
  }

  private static func exitCodes(_ codes: [ExitCode]) -> String {
    codes.map { "  \(pad("\($0.rawValue)", 2))  \($0.meaning)" }.joined(separator: "\n")
  }

  private static func label(_ flag: FlagSpecification) -> String {
    "--" + flag.name + (isLong(flag) ? " NAME" : flag.placeholder.map { " " + $0 } ?? "")
  }

  /// Whether the choices are too many for the column of flags; then they are part of the explanation.
  private static func isLong(_ flag: FlagSpecification) -> Bool { (flag.placeholder?.count ?? 0) > 32 }

  private static func explanation(_ flag: FlagSpecification) -> String {
    let choices =
      if isLong(flag), case .choice(let names) = flag.kind { ": \(names.joined(separator: ", "))" } else { "" }
    let note = flag.isRequired ? " (required)" : flag.defaultText.map { " (default: \($0))" } ?? ""
    return flag.summary + choices + note
  }

  private static func wrap(_ text: String, width: Int) -> [String] {
    var lines = [""]
    for word in text.split(separator: " ") {
      let last = lines[lines.count - 1]
      if last.isEmpty || last.count + 1 + word.count <= width {
        lines[lines.count - 1] = last.isEmpty ? String(word) : "\(last) \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
