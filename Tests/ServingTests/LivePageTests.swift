import Commerce
import Testing
import Windows

@testable import Serving

@Suite struct LivePageTests {
  @Test func thePageNeedsNothingFromOutside() throws {
    let answer = try EngineServer(FakeEngine()).get("/")
    #expect(answer.status == 200)
    #expect(answer["content-type"] == "text/html; charset=utf-8")
    for mark in ["http:", "https:", "src=", "@import", "url("] {
      #expect(!answer.text.contains(mark), "\(mark)")
    }
  }

  @Test func onlyItsOwnScriptMayRun() throws {
    let server = try EngineServer(FakeEngine())
    let (first, second) = (try server.get("/"), try server.get("/"))
    let policy = try #require(first["content-security-policy"])
    let nonce = try #require(policy.firstMatch(of: /script-src 'nonce-([0-9a-f]+)'/)?.1)
    #expect(nonce.count >= 16)
    #expect(policy.contains("default-src 'none'") && policy.contains("connect-src 'self'"))
    #expect(!policy.contains("unsafe"))
    #expect(first.text.contains("<script nonce=\"\(nonce)\">") && first.text.contains("<style nonce=\"\(nonce)\">"))
    #expect(first.headers.filter { $0.name == "content-security-policy" }.count == 1)
    #expect(second["content-security-policy"] != policy, "a number that is used once")
  }

  @Test func itAsksForTheRollupThatHasOneRow() throws {
    var settings = JobSettings()
    settings.rollups = [
      JobSettings.Rollup(name: "by_country", shape: .tumbling(size: 60_000), groupBy: ["geo_country"]),
      JobSettings.Rollup(name: "kpi_5m", shape: .tumbling(size: 300_000)),
    ]
    let text = try EngineServer(FakeEngine(settings)).get("/").text
    #expect(text.contains(#"<body data-rollup="kpi_5m" data-minutes="300">"#))
    #expect(PageFrame.escaped(#"<a&"b">"#) == "&lt;a&amp;&quot;b&quot;>")
  }

  /// The page itself is open; what it asks for may need a key, which it then asks people for.
  @Test func aKeyIsAskedFor() throws {
    for path in ["/", "/docs"] {
      let text = try EngineServer(FakeEngine()).get(path).text
      #expect(text.contains(#"<form id="key-form" class="notice" hidden>"#), "\(path)")
      #expect(text.contains(#"<label for="key">"#) && text.contains("headers: keyHeaders()"), "\(path)")
      #expect(text.contains("askForKey(answer.status)"), "\(path)")
    }
  }

  /// What screen readers and phones need.
  @Test func everythingHasAName() throws {
    let text = try EngineServer(FakeEngine()).get("/").text
    for mark in [
      #"<html lang="en">"#, #"role="status" aria-live="polite""#, #"aria-labelledby="windows-title""#,
      #"aria-labelledby="partitions-title""#, #"<meta name="viewport""#, "prefers-color-scheme: dark", "<noscript>",
      "Connection lost", "prefers-reduced-motion: reduce", ##"class="skip" href="#main""##, #"role="img""#,
    ] {
      #expect(text.contains(mark), "\(mark)")
    }
  }
}
