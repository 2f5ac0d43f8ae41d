import Commerce
import CommerceTestSupport
import TestSupport
import Testing

@testable import Serving

@Suite struct DeadLetterRouteTests {
  private func place(_ letter: JSON) -> String {
    "\(letter["topic"].text ?? "") \(letter["partition"].integer ?? -1) \(letter["offset"].integer ?? -1)"
  }

  @Test(arguments: [1, 4, 500])
  func pagesAreAllLettersTheNewestFirst(_ limit: Int) throws {
    let shop = try AnsweringShop(seed: 3)
    let exported = try shop.exported("dead_letters")
    var (found, cursor) = ([JSON](), String?.none)
    repeat {
      let answer = try shop.server.json("/dlq?limit=\(limit)" + (cursor.map { "&cursor=\($0)" } ?? ""))
      found += answer["dead_letters"].array
      cursor = answer["next_cursor"].text
      #expect(answer["total"].integer == Int64(exported.count))
      #expect(answer["by_reason"]["invalid_utf8"].integer == Int64(exported.count))
    } while cursor != nil && found.count < 1000
    #expect(Set(found.map(place)) == Set(exported.map(place)) && found.count == exported.count && found.count > 10)
    let offsets = found.compactMap { $0["offset"].integer }
    #expect(offsets == offsets.sorted(by: >))
    for letter in found {
      let row = try #require(exported.first { place($0) == place(letter) })
      for name in ["reason", "field", "raw", "raw_base64"] { #expect(letter[name].text == row[name].text, "\(name)") }
    }
  }

  @Test func oneReasonAlone() throws {
    let shop = try AnsweringShop(seed: 3)
    #expect(try shop.server.json("/dlq?reason=bad_time")["dead_letters"].array.isEmpty)
    #expect(try !shop.server.json("/dlq?reason=invalid_utf8")["dead_letters"].array.isEmpty)
    #expect(try shop.server.refusal("/dlq?cursor=1").contains("next_cursor"))
    #expect(try shop.server.refusal("/dlq?limit=501").contains("'limit'"))
  }

  /// A page ends before long messages fill the memory, and the next goes on.
  @Test func longMessagesEndAPage() throws {
    let place = TemporaryDirectory()
    var settings = JobSettings()
    settings.maximumMessageBytes = 4 << 20
    let run = try EngineRun(settings, in: place.file("data"))
    let long = [UInt8](repeating: UInt8(ascii: "x"), count: 900_000)
    try run.simulate([try place.write("a", lines: (0..<20).map { _ in long })], seed: 1, checkpointOdds: 10)
    let server = try EngineServer(FakeEngine(settings, directory: run.directory))
    let first = try server.json("/dlq")
    let count = try #require(first["count"].integer)
    #expect(count < 20 && count >= 10)
    let cursor = try #require(first["next_cursor"].text)
    #expect(try server.json("/dlq?cursor=\(cursor)")["dead_letters"][0]["offset"].integer == 19 - count)
  }
}
