import Testing

@testable import Serving

@Suite struct HTTPQueryTests {
  private func query(_ text: String) throws -> HTTPQuery { try HTTPQuery(encoded: text[...]) }

  private func refusal(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "none"
    } catch { return HTTPProblem(error).detail }
  }

  @Test func integersHaveARangeAndADefault() throws {
    #expect(try query("n=60").integer("n", default: 1, in: 1...100) == 60)
    #expect(try query("").integer("n", default: 1, in: 1...100) == 1)
    #expect(try query("").integer("n", in: 1...100) == nil)
    #expect(try query("n=-5").integer("n", in: -5...5) == -5)
    for text in ["0", "101", "", "x", "1.0", "99999999999999999999", "1 "] {
      let detail = refusal { _ = try query("n=\(text)").integer("n", default: 1, in: 1...100) }
      #expect(detail.contains("parameter 'n' must be an integer from 1 to 100"), "\(text)")
    }
  }

  @Test func choicesNameWhatIsAllowed() throws {
    let options = ["open", "final", "amended"]
    #expect(try query("status=final").choice("status", of: options) == "final")
    #expect(try query("").choice("status", of: options) == nil)
    #expect(try query("").choice("status", default: "open", of: options) == "open")
    let detail = refusal { _ = try query("status=finl").choice("status", of: options) }
    #expect(detail == "parameter 'status' must be one of open, final, amended, not 'finl'; did you mean 'final'?")
  }

  @Test func timesAreReadInEveryForm() throws {
    #expect(try query("from=2026-01-01T00:00:00Z").time("from") == 1_767_225_600_000)
    #expect(try query("from=2026-01-01T02:00:00%2B02:00").time("from") == 1_767_225_600_000)
    #expect(try query("").time("from") == nil)
    let detail = refusal { _ = try query("from=2026-01-01T02:00:00+02:00").time("from") }
    #expect(detail.contains("%2B"))
    #expect(refusal { _ = try query("from=yesterday").time("from") }.contains("2026-01-01T12:00:00Z"))
  }

  @Test func anUnknownParameterIsNamedWithTheNearestKnownOne() throws {
    let known = [HTTPParameter("minutes_back", ""), HTTPParameter("from", "")]
    let detail = refusal { try query("minute_back=60").check(against: known) }
    #expect(
      detail
        == "parameter 'minute_back' is not known here; known are minutes_back, from; did you mean 'minutes_back'?")
    #expect(refusal { try query("x=1").check(against: []) }.contains("there are none"))
    let long = String(repeating: "x", count: 5000)
    #expect(refusal { try query("\(long)=1").check(against: known) }.utf8.count < 300)
  }

  @Test func aParameterComesOnceUnlessItMayBeRepeated() throws {
    let known = [HTTPParameter("one", ""), HTTPParameter("many", "", isRepeatable: true)]
    #expect(refusal { try query("one=1&many=1&many=2").check(against: known) } == "none")
    #expect(refusal { try query("one=1&one=1").check(against: known) }.contains("more than once"))
  }

  @Test func theServerSaysWhatIsWrong() throws {
    let server = try TestServer()
    #expect(try server.get("/echo/a?times=2&tag=b&tag=c").text == "a a b c")
    let answer = try server.get("/echo/a?tims=2")
    #expect(answer.status == 400)
    #expect(answer.text.contains("did you mean 'times'?"))
    #expect(try server.get("/echo/a?times=10").status == 400)
    #expect(try server.get("/echo/a?times=1&times=1").status == 400)
  }
}
