import Serving
import Testing

@testable import riffle

@Suite struct KeysCommandTests {
  private static func text(_ words: String) throws -> (String, NewAPIKey) {
    let arguments = try ArgumentParser.parse(["keys", "create"] + words.split(separator: " ").map(String.init))
    let key = NewAPIKey()
    return (try KeysCommand.text(arguments, key), key)
  }

  @Test func whatIsPrintedCanBePasted() throws {
    let (text, key) = try Self.text("--name shop --scopes ingest,read --requests-per-second 50")
    let range = try #require(text.firstRange(of: "http.keys:"))
    #expect(text[..<range.lowerBound].contains(key.text))
    let file = String(text[range.lowerBound...])
    #expect(!file.contains(key.text), "the settings do not hold the key itself")
    let settings = try SettingsLoader.load(file: ("riffle.yaml", file))
    #expect(settings.httpKeys.map { "\($0)" } == ["shop (read, ingest)"])
    #expect(settings.httpKeys[0].requestsPerSecond == 50)
  }

  @Test func programsGetJSON() throws {
    let (text, key) = try Self.text("--name shop --json")
    let digest = key.digestText
    #expect(text == #"{"key":"\#(key.text)","name":"shop","sha256":"\#(digest)","scopes":["read"]}"# + "\n")
  }

  @Test(arguments: ["--name shop --scopes write", "--name shop --scopes ,", "--name a/b"])
  func mistakesAreNamed(_ words: String) {
    let error = #expect(throws: CommandError.self) { try Self.text(words) }
    #expect(error?.code == .usage && error?.message.contains("must be") == true)
  }
}
