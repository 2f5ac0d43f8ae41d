import Testing

@testable import Serving

@Suite struct IntakeBodyTests {
  private static func items(_ text: String, isLines: Bool = false) throws -> [String] {
    let body = Array(text.utf8)
    return try IntakeBody.items(of: body, isLines: isLines).map { String(decoding: body[$0], as: UTF8.self) }
  }

  @Test(arguments: [
    ("{}", ["{}"]), (" \n{\"a\":[1,2]}\t ", ["{\"a\":[1,2]}"]), ("[{},{}]", ["{}", "{}"]),
    (" [ {\"a\":\"],[\"} , 3 ,[1,[2]] ] ", ["{\"a\":\"],[\"}", "3", "[1,[2]]"]),
    ("[{\"a\":\"\\\"]\"},{\"b\":\"\\\\\"}]", ["{\"a\":\"\\\"]\"}", "{\"b\":\"\\\\\"}"]),
    ("[{bad},{}]", ["{bad}", "{}"]), ("nonsense", ["nonsense"]), ("[}, {}]", ["}", "{}"]),
  ])
  func aBodyIsCutAtTheCommasOfItsArray(_ text: String, _ items: [String]) throws {
    #expect(try Self.items(text) == items)
  }

  @Test func linesAreCutAtTheirEnds() throws {
    #expect(try Self.items("{\"a\":1}\r\n\n  {bad\n[1]\n", isLines: true) == ["{\"a\":1}", "{bad", "[1]"])
  }

  @Test(arguments: ["", " \n", "[]", "[ ]", "[{}", "[{},]", "[,{}]", "[{}] x", "[\"abc]", "[{}]]", "[\"\\", "["])
  func whatHoldsNoItemsIsRefused(_ text: String) {
    let error = #expect(throws: HTTPFailure.self) { try Self.items(text) }
    guard case .badBody(let detail) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!detail.isEmpty)
  }

  /// Whatever comes, items lie in the body, in order and apart.
  @Test func anyBytesAreCutOrRefused() {
    var random = SystemRandomNumberGenerator()
    let alphabet = Array("[]{},:\"\\ \n1a".utf8)
    for _ in 0..<5000 {
      let body = (0..<Int.random(in: 0...30, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0 }
      guard let items = try? IntakeBody.items(of: body, isLines: Bool.random(using: &random)) else { continue }
      var end = 0
      for item in items {
        #expect(item.lowerBound >= end && !item.isEmpty && item.upperBound <= body.count)
        end = item.upperBound
      }
    }
  }
}
