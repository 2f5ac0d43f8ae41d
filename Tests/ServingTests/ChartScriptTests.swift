import Testing

@testable import Serving

@Suite struct ChartScriptTests {
  @Test func thePathTellsTheContent() {
    let script = ChartScript(Array("draw()".utf8))
    #expect(script.path.wholeMatch(of: /\/assets\/chart-[0-9a-f]{1,16}\.js/) != nil)
    #expect(script.path == ChartScript(Array("draw()".utf8)).path)
    #expect(script.path != ChartScript(Array("draw(1)".utf8)).path)
  }

  @Test func thePageLoadsItFromHere() throws {
    let script = ChartScript(Array("draw()".utf8))
    let server = try EngineServer(FakeEngine(), chartScript: script)
    let page = try server.get("/")
    let policy = try #require(page["content-security-policy"])
    let nonce = try #require(policy.firstMatch(of: /script-src 'nonce-([0-9a-f]+)'/)?.1)
    #expect(page.text.contains("<script nonce=\"\(nonce)\" src=\"\(script.path)\"></script>"))
    let answer = try server.get(script.path)
    #expect(answer.text == "draw()" && answer["content-type"] == "text/javascript; charset=utf-8")
    #expect(answer["cache-control"]?.contains("immutable") == true)
    #expect(try server.get("/assets/chart-0.js").status == 404)
    #expect(try server.get("/assets/").status == 404)
  }

  @Test func withoutItThePageHasTables() throws {
    let page = try EngineServer(FakeEngine()).get("/")
    #expect(!page.text.contains("src="))
    #expect(page.text.contains("<tbody id=\"windows\">"))
  }
}
