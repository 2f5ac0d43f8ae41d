import Foundation
import Telemetry
import Testing

@Suite struct JSONWriterTests {
  private func text(_ write: (inout JSONWriter) -> Void) -> String {
    var json = JSONWriter()
    write(&json)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  @Test func commasAreWhereTheyBelong() {
    let written = text {
      $0.object {
        $0.field("a", 1)
        $0.key("b")
        $0.array {
          $0.integer(1)
          $0.array { _ in }
          $0.object { _ in }
          $0.null()
        }
        $0.field("c", nil as String?)
        $0.field("d", true)
        $0.key("e")
        $0.raw(Array("[1]".utf8))
        $0.key("f")
        $0.decimal("9123.4000")
      }
    }
    #expect(written == #"{"a":1,"b":[1,[],{},null],"c":null,"d":true,"e":[1],"f":9123.4000}"#)
  }

  @Test func numbersAreTheShortestThatReadBack() {
    #expect(text { $0.integer(Int64.min) } == "-9223372036854775808")
    #expect(text { $0.number(.nan) } == "null")
    #expect(text { $0.number(-.infinity) } == "null")
    for number in [0, -0.0, 0.1, 1.0 / 3, 1e21, Double.leastNonzeroMagnitude, Double.greatestFiniteMagnitude, 0.1703]
      as [Double]
    {
      #expect(Double(text { $0.number(number) }) == number)
    }
    #expect(text { $0.number(0.1) } == "0.1")
  }

  @Test func textIsEscapedAndReadsBack() throws {
    let strange = "quote \" back \\ slash / tab \t line \n return \r bell \u{7} NUL \u{0} é 🙂 \u{2028}"
    let written = text { $0.array { $0.string(strange) } }
    let read = try JSONSerialization.jsonObject(with: Data(written.utf8)) as? [String]
    #expect(read == [strange])
    #expect(text { $0.string("\u{1}\u{1F}\"\\\n") } == #""\u0001\u001f\"\\\n""#)
  }
}
