import Testing

@testable import riffle

@Suite struct EventGlanceTests {
  private func glance(_ text: String) -> (session: String?, user: String?, time: Int64?) {
    let bytes = Array(text.utf8)
    let glance = EventGlance(bytes.span)
    func part(_ range: Range<Int>?) -> String? { range.map { String(decoding: bytes[$0], as: UTF8.self) } }
    return (part(glance.session), part(glance.user), glance.time)
  }

  @Test func idsAndTimeAreFound() {
    let found = glance(
      #" { "a": [{"session_id":"no"}, "}"], "session_id" : "s_1","user_id":"u_ä", "event_ts":"2023-11-16T12:00:00Z"}"#)
    #expect(found == ("s_1", "u_ä", 1_700_136_000_000))
  }

  @Test(
    arguments: [
      ("\"2023-11-16T14:00:00.250+02:00\"", 1_700_136_000_250), ("\"2023-11-16T06:30:00-05:30\"", 1_700_136_000_000),
      ("1700136000", 1_700_136_000_000), ("1700136000123", 1_700_136_000_123), ("1700136000123456", 1_700_136_000_123),
    ] as [(String, Int64)])
  func timesHaveManyForms(_ text: String, _ time: Int64) {
    #expect(glance("{\"event_ts\":\(text)}").time == time)
  }

  @Test(arguments: [
    "\"\"", "null", "\"2023-11-16 12:00\"", "\"2023-11-16T12:00:00\"", "-5", "{}", "\"yesterday, maybe not\"",
  ])
  func whatIsNoTimeIsNone(_ text: String) { #expect(glance("{\"event_ts\":\(text)}").time == nil) }

  @Test func theCanonicalNameOfTimeWins() {
    #expect(
      glance(#"{"timestamp":1700000001,"event_ts":1700000002,"event_timestamp":1700000003}"#).time == 1_700_000_002_000)
    #expect(glance(#"{"timestamp":1700000001}"#).time == 1_700_000_001_000)
  }

  @Test(arguments: [
    "", "{", "[]", "{\"session_id\"", "{\"session_id\":", "{\"session_id\":\"", "{\"session_id\":\"a\\", "not json",
    #"{"session_id":""}"#, #"{"session_id":7}"#, #"{"session_id":"a\"b"}"#, #"{"x":[[[}"#, "{\"a\" 1}", "\u{FEFF}{}",
  ])
  func whatIsNoPlainIdIsNone(_ text: String) {
    #expect(glance(text).session == nil)
  }

  @Test func aMistakeBehindTheIdsDoesNotMatter() {
    #expect(glance(#"{"session_id":"s","user_id":"u",}}garbage"#).session == "s")
  }
}
