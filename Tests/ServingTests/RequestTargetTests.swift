import Testing

@testable import Serving

@Suite struct RequestTargetTests {
  @Test(
    arguments: [
      ("/", []), ("/a", ["a"]), ("/a/b", ["a", "b"]), ("/a/", ["a", ""]), ("//", ["", ""]), ("/a%2Fb", ["a/b"]),
      ("/caf%C3%A9", ["café"]), ("/a+b", ["a+b"]), ("/%7e", ["~"]), ("http://host:80/a", ["a"]), ("HTTPS://host", []),
      ("http://host?x=1", []), ("/...", ["..."]),
    ] as [(String, [String])])
  func aPathIsSplitAndThenDecoded(_ target: String, _ segments: [String]) throws {
    #expect(try RequestTarget(target).segments == segments)
  }

  @Test(arguments: [
    "", "hello", "/a/../b", "/a/./b", "/%2e%2E", "/a%", "/a%2", "/a%zz", "/a%00", "/a%FF", "/a%C3", "/é", "/a b",
    "/a#b",
    "/?a=%", "/?%00", "/?a=%FF", "ftp://host/", "host:80",
  ])
  func aBadTargetIsRefused(_ target: String) {
    #expect(throws: HTTPFailure.self) { try RequestTarget(target) }
  }

  @Test func parametersKeepTheirOrder() throws {
    let query = try RequestTarget("/?b=1&a=2&b=%26+x&&c&d=&e=1=2").query
    #expect(query.parameters.map(\.name) == ["b", "a", "b", "c", "d", "e"])
    #expect(query.parameters.map(\.value) == ["1", "2", "& x", "", "", "1=2"])
    #expect(query.values("b") == ["1", "& x"])
    #expect(query.text("e") == "1=2")
    #expect(query.text("f") == nil)
  }

  @Test(arguments: ["/a%", "/a%2F..%2Fb/../c", "/%00", "/%FF"])
  func theServerAnswersABadTarget(_ target: String) throws {
    let answer = try TestServer().get(target)
    #expect(answer.status == 400)
    #expect(answer.text.contains("/problems/bad-target"))
  }

  @Test func anEncodedSlashStaysInsideItsSegment() throws {
    let server = try TestServer()
    #expect(try server.get("/echo/a%2Fb").text == "a/b")
    #expect(try server.get("/echo/a/b").status == 404)
  }

  @Test func noTextTraps() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var state = seed
    let alphabet = Array("/%.?&=+#*2fF0:éa \u{0}")
    var accepted = 0
    for _ in 0..<20_000 {
      var text = "/"
      for _ in 0..<8 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text.append(alphabet[Int(state >> 33) % alphabet.count])
      }
      if let target = try? RequestTarget(text) {
        accepted += 1
        #expect(!target.segments.contains(".."), "seed \(seed): \(text)")
      }
    }
    #expect(accepted > 0, "seed \(seed)")
  }
}
