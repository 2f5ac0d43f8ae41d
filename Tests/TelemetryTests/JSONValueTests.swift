import Telemetry
import TestSupport
import Testing

@Suite struct JSONValueTests {
  private func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

  @Test func everyKindOfValueIsRead() throws {
    let value = try parse(#" {"a" : [null, true, false, -1.50e+3, "x"], "b": {}, "c": []} "#)
    guard case .object(let members) = value else {
      Issue.record("\(value)")
      return
    }
    #expect(members.map(\.name) == ["a", "b", "c"])
    #expect(members[0].value == .array([.null, .boolean(true), .boolean(false), .number("-1.50e+3"), .string("x")]))
    #expect(members[1].value == .object([]) && members[2].value == .array([]))
  }

  @Test func escapesAreRead() throws {
    #expect(try parse(#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é""#) == .string("\"\\/\u{8}\u{C}\n\r\té😀é"))
  }

  @Test(arguments: [
    "", " ", "tru", "nul", "01", "1.", ".5", "+1", "-", "1e", "\"a", "\"\u{1}\"", "\"\\x\"", "\"\\u12\"",
    "\"\\ud800\"", "\"\\ud800\\u0041\"", "[1", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}",
    "{\"a\":1,\"a\":2}", "1 1", "NaN", "'a'",
  ])
  func whatIsNoJSONIsRefused(_ text: String) {
    #expect(throws: JSONError.self) { try parse(text) }
  }

  @Test func badBytesAreRefused() {
    #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
  }

  /// Damaged texts are read or refused; nothing else happens.
  @Test(arguments: [1, 2, 3] as [UInt64]) func damageIsHarmless(_ seed: UInt64) {
    let sound = Array(#"{"a": [1, -2.5e3, "x\u00e9\n"], "b": {"c": null, "d": [true, false]}}"#.utf8)
    var random = SeededRandom(seed: seed)
    var refused = 0
    for _ in 0..<2000 {
      var bytes = sound
      for _ in 0...random.next() % 3 {
        bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
      }
      bytes.removeLast(Int(random.next() % 3))
      do {
        _ = try JSONValue(parsing: bytes)
      } catch {
        refused += 1
        #expect((0...bytes.count).contains(error.offset))
      }
    }
    #expect(refused > 1000, "seed \(seed)")
  }
}
