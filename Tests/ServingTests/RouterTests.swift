import Serving
import Testing

@Suite struct RouterTests {
  private func ask(_ method: String, _ target: String) throws -> Answer {
    try TestServer().ask("\(method) \(target) HTTP/1.1\r\nHost: test\r\n\r\n")
  }

  @Test(arguments: ["/", "/nothing", "/hello/", "/hello/more", "//hello", "/echo", "/echo/", "/HELLO"])
  func whatIsNotInTheTableIsNotFound(_ path: String) throws {
    let answer = try ask("GET", path)
    #expect(answer.status == 404)
    #expect(answer.text.contains("\"instance\":\"\(path)\""))
  }

  @Test(arguments: ["PUT", "POST", "PATCH", "BREW", "get"])
  func anotherMethodIsToldWhichThereAre(_ method: String) throws {
    let answer = try ask(method, "/hello")
    #expect(answer.status == 405)
    #expect(answer["allow"] == "GET, HEAD, DELETE, OPTIONS")
  }

  @Test func headOfNothingHasNoBodyEither() throws {
    let answer = try ask("HEAD", "/nothing")
    #expect(answer.status == 404)
    #expect(answer.body.isEmpty)
  }

  @Test func optionsListsTheMethods() throws {
    let answer = try ask("OPTIONS", "/track")
    #expect(answer.status == 204)
    #expect(answer["allow"] == "POST, OPTIONS")
    #expect(try ask("OPTIONS", "*").status == 204)
    #expect(try ask("OPTIONS", "/nothing").status == 404)
    #expect(try ask("GET", "*").status == 400)
  }

  @Test func aLiteralPathWinsOverAName() throws {
    let server = try TestServer([
      Route(.get, "/a/{name}", "Any.") { .now(.text("any \($0.pathParameters["name"] ?? "")")) },
      Route(.get, "/a/b", "One.") { _ in .now(.text("one")) },
      Route(.get, "/a/{name}/c/{more}", "Deep.") { .now(.text($0.pathParameters.keys.sorted().joined())) },
      Route(.get, "/", "The root.") { _ in .now(.text("root")) },
    ])
    #expect(try server.get("/a/b").text == "one")
    #expect(try server.get("/a/x%20y").text == "any x y")
    #expect(try server.get("/a/x/c/y").text == "morename")
    #expect(try server.get("/").text == "root")
    #expect(try server.get("http://test/a/b").text == "one")
  }

  @Test func aRouteThatIsThereTwiceIsOurMistake() async {
    await #expect(processExitsWith: .failure) {
      let route = Route(.get, "/a", "A.") { _ in .now(.noContent) }
      _ = Router([route, route])
    }
  }
}
