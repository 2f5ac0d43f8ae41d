import Testing

@testable import Serving

@Suite struct DocumentationPageTests {
  @Test func thePageNeedsNothingFromOutside() throws {
    let answer = try EngineServer(FakeEngine()).get("/docs")
    #expect(answer.status == 200 && answer["content-type"] == "text/html; charset=utf-8")
    for mark in ["http:", "https:", "src=", "@import", "url("] { #expect(!answer.text.contains(mark), "\(mark)") }
    #expect(answer.text.contains("fetch(\"/openapi.json\")"))
    let policy = try #require(answer["content-security-policy"])
    #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'nonce-"))
    #expect(!policy.contains("unsafe"))
  }
}
