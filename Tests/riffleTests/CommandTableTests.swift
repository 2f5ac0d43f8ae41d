import Testing

@testable import riffle

@Suite struct CommandTableTests {
  @Test func everyCommandIsDeclaredOnceAndFindable() {
    #expect(Set(CommandTable.all.map(\.identity)) == Set(CommandSpecification.Identity.allCases))
    #expect(Set(CommandTable.all.map(\.name)).count == CommandTable.all.count)
    for command in CommandTable.all {
      #expect(CommandTable.named(command.name)?.identity == command.identity)
      #expect(Set(command.flags.map(\.name)).count == command.flags.count, "\(command.name)")
    }
  }

  @Test func aFlagMeansTheSameEverywhere() {
    var placeholders: [String: String?] = [:]
    // Places or bounds of time; a result is a file or a directory: each is said so everywhere.
    let exceptions = ["from", "to", "output"]
    for flag in CommandTable.all.flatMap(\.flags) where !exceptions.contains(flag.name) {
      // A command may have more choices than another.
      let placeholder = if case .choice = flag.kind { "a choice" } else { flag.placeholder }
      if let earlier = placeholders.updateValue(placeholder, forKey: flag.name) {
        #expect(earlier == placeholder, "--\(flag.name)")
      }
    }
  }

  @Test func everyDefaultIsAValueOfItsFlag() {
    for command in CommandTable.all {
      for flag in command.flags {
        guard let text = flag.defaultText else { continue }
        #expect(flag.problem(with: text) == nil, "\(command.name) --\(flag.name)")
      }
    }
  }

  @Test func everyExampleParses() throws {
    for command in CommandTable.all {
      let words = command.example.replacing("'20 minutes'", with: "20m").split(separator: " ").map(String.init)
      #expect(words.first == "riffle")
      #expect(try ArgumentParser.parse(Array(words.dropFirst())).command.identity == command.identity)
    }
  }
}
