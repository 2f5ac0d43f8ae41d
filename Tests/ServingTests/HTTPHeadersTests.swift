import Serving
import Testing

@Suite struct HTTPHeadersTests {
  @Test func namesAreComparedWithoutCase() {
    var headers: HTTPHeaders = ["Content-Type": "a/b", "X-Many": "1", "x-many": "2"]
    #expect(headers["content-type"] == "a/b")
    #expect(headers["CONTENT-TYPE"] == "a/b")
    #expect(headers["content_type"] == nil)
    #expect(headers["content-typ"] == nil)
    #expect(headers.values("X-MANY") == ["1", "2"])
    headers.setDefault("x-MANY", "3")
    headers.setDefault("X-New", "4")
    #expect(headers.fields.map(\.value) == ["a/b", "1", "2", "4"])
  }

  @Test func onlyLettersHaveCase() {
    let headers: HTTPHeaders = ["a@": "1", "a`": "2"]
    #expect(headers["a`"] == "2")
    #expect(headers["A@"] == "1")
  }
}
