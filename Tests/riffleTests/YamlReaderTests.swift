import TestSupport
import Testing

@testable import riffle

@Suite struct YamlReaderTests {
  @Test func everyValueKnowsItsLine() throws {
    let root = try #require(try YamlReader.read("# first\na: 1\nb:\n  - x\n  - {k: 'v'}\nc: ~\n"))
    guard case .map(let entries) = root.content else {
      Issue.record("not a map")
      return
    }
    #expect(entries.map(\.key) == ["a", "b", "c"])
    #expect(entries.map(\.line) == [2, 3, 6])
    guard case .list(let elements) = entries[1].value.content else {
      Issue.record("not a list")
      return
    }
    #expect(elements.map(\.line) == [4, 5])
    guard case .scalar("") = entries[2].value.content else {
      Issue.record("~ is not empty")
      return
    }
  }

  @Test func anEmptyTextHasNoValue() throws {
    #expect(try YamlReader.read("")?.line == nil)
    #expect(try YamlReader.read("# only a comment\n")?.line == nil)
  }

  @Test(arguments: [
    ("a: 1\nb: [1, 2\nc: 3\n", 3, ""),
    ("a: 1\n\tb: 2\n", 2, ""),
    ("a: 1\nb: 2\na: 3\n", 3, "'a' is already set on line 1"),
    ("a: &x [1]\nb: *x\n", 2, "aliases"),
    ("a: &x [*x]\n", 1, "aliases"),
    ("? [a]\n: 1\n", 1, "a key must be a single word, not a list"),
    ("a: \u{1}\n", 1, ""),
  ])
  func aFailureNamesTheLine(_ text: String, _ line: Int, _ sentence: String) {
    let failure = #expect(throws: YamlReader.Failure.self) { try YamlReader.read(text) }
    #expect(failure?.line == line, "\(String(describing: failure))")
    #expect(sentence.isEmpty || failure?.message.contains(sentence) == true, "\(String(describing: failure))")
  }

  @Test func aDeepTreeIsRefused() {
    let depth = 2000
    let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    #expect(throws: YamlReader.Failure.self) { try YamlReader.read(text) }
  }

  @Test func randomTextNeverTraps() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededRandom(seed: seed)
    let alphabet = Array("ab:-[]{},&*!|>'\"# \n\t?%é~")
    for _ in 0..<3000 {
      let count = Int.random(in: 0...40, using: &random)
      let text = String((0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] })
      // Only that it returns matters; what it says is tested above.
      _ = try? YamlReader.read(text)
      _ = try? SettingsLoader.load(file: ("seed-\(seed).yaml", text))
    }
  }
}
