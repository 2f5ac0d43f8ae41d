import Testing

@testable import Serving

@Suite struct HTTPProblemTests {
  static let statuses: [(HTTPFailure, Int)] = [
    (.malformed("a"), 400), (.badTarget("a"), 400), (.badParameter(name: "n", "a"), 400), (.badBody("a"), 400),
    (.notFound(path: "/a"), 404), (.absent("a"), 404), (.methodNotAllowed(method: "PUT", allowed: ["GET"]), 405),
    (.contentTooLarge(bytesMax: 1), 413), (.targetTooLong(bytesMax: 1), 414),
    (.unsupportedMediaType(accepted: ["a/b"]), 415), (.expectationFailed, 417), (.headersTooLarge(bytesMax: 1), 431),
    (.internalError, 500), (.unsupportedTransferCoding("a"), 501), (.unavailable("a", retryAfterSeconds: 1), 503),
    (.unsupportedVersion("a"), 505),
  ]

  @Test(arguments: statuses) func eachFailureHasItsStatus(_ failure: HTTPFailure, _ status: Int) {
    let problem = HTTPProblem(failure)
    #expect(problem.status == status)
    #expect(!problem.title.isEmpty)
    #expect(!problem.detail.isEmpty)
  }

  @Test func aProblemHasTheMembersOfItsStandard() throws {
    let answer = try TestServer().get("/no%22thing?x=1")
    #expect(answer["content-type"] == "application/problem+json")
    #expect(
      answer.text == """
        {"type":"/problems/not-found","title":"Not found","status":404,\
        "detail":"nothing is at '/no%22thing'; /openapi.json lists what there is","instance":"/no%22thing"}
        """)
  }

  @Test func whatIsNotMeantForClientsGoesToTheLog() throws {
    let server = try TestServer()
    let answer = try server.get("/broken")
    #expect(answer.status == 500)
    #expect(!answer.text.contains("Broken"))
    #expect(eventually { server.logLines.all.contains { $0.contains("target=/broken") && $0.contains("Broken()") } })
  }
}
