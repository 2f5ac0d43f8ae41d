import Checkpoints
import CommerceTestSupport
import Query
import TestSupport
import Testing

@testable import Serving

/// Cursors come from outside: whatever is in them, they name rows that there are, or are refused.
@Suite struct CursorTests {
  private static func hex(_ text: String) -> String { text.utf8.map { HexDigits.text($0) }.joined() }

  private static func place(_ text: String) throws -> PlaceCursor? {
    try PlaceCursor(RequestTarget("/dlq?cursor=\(hex(text))").query)
  }

  @Test func aPlaceIsReadBack() throws {
    for topic in ["events", "", "a|b", "ä"] {
      let cursor = PlaceCursor(key: -5, sameKeyCount: 7, topic: topic, partition: .max, offset: 3)
      #expect(try PlaceCursor(RequestTarget("/dlq?cursor=\(cursor.text)").query) == cursor)
    }
    #expect(try PlaceCursor(RequestTarget("/dlq?limit=5").query) == nil)
  }

  @Test(arguments: [
    "", "1", "1|1|1|1", "|1|1|1|t", "1|-1|1|1|t", "1|90001|1|1|t", "1|1|1.5|1|t", "1|1|1|9223372036854775808|t",
    "1|1| 1|1|t",
  ])
  func whatIsNoPlaceIsRefused(_ text: String) {
    #expect(throws: HTTPFailure.self) { try Self.place(text) }
  }

  @Test(arguments: ["0", "zz", "C3A4", "c3", "ff7c317c317c317c"]) func whatIsNoTextIsRefused(_ digits: String) throws {
    let query = try RequestTarget("/dlq?cursor=\(digits)").query
    #expect(throws: HTTPFailure.self) { try PlaceCursor(query) }
    #expect(throws: HTTPFailure.self) { try ExportCursor(query, of: ExportRequest(table: "events")) }
  }

  @Test func placesAreInTheOrderOfTopicPartitionAndOffset() throws {
    let cursor = try #require(try Self.place("5|1|2|10|m"))
    for (topic, partition, offset) in [("n", 0, 0), ("m", 3, 0), ("m", 2, 11)] as [(String, Int64, Int64)] {
      #expect(cursor.isBefore(topic: topic, partition: partition, offset: offset), "\(topic) \(partition) \(offset)")
    }
    for (topic, partition, offset) in [("l", 9, 9), ("m", 1, 99), ("m", 2, 10)] as [(String, Int64, Int64)] {
      #expect(!cursor.isBefore(topic: topic, partition: partition, offset: offset), "\(topic) \(partition) \(offset)")
    }
  }

  /// The ends of all numbers are positions too: before or behind everything.
  @Test func extremesAreAnswered() throws {
    let shop = try AnsweringShop(seed: 3)
    let extremes = ["\(Int64.min)", "-1", "0", "\(Int64.max)"]
    for number in extremes {
      for count in [0, PlaceCursor.sameKeyCountMax] {
        for end in extremes {
          let cursor = Self.hex("\(number)|\(count)|\(end)|\(end)|events")
          #expect(try shop.server.get("/dlq?cursor=\(cursor)").status == 200)
          #expect(try [200, 404].contains(shop.server.get("/users/u1/journey?cursor=\(cursor)").status))
        }
      }
    }
  }

  @Test(arguments: ["events", "kpis", "sessions", "dead_letters"])
  func exportsFromAnywhereAreTheRestOfTheirRows(_ name: String) throws {
    let shop = try AnsweringShop(seed: 3)
    let commit = try shop.run.snapshot().commit
    let table = name == "kpis" ? "kpi_1m" : name
    let whole = try shop.server.get("/export/\(name)").text
    let extremes = [Int64.min, -1, 0, 1, 5, .max - 1, .max]
    for source in extremes {
      for number in extremes {
        let cursor = Self.hex("1|\(commit.incarnation)|\(commit.epoch)|||\(source)|\(number)|\(table)")
        for skip in [0, 3, ExportAsking.limitMax] {
          let answer = try shop.server.get("/export/\(name)?cursor=\(cursor)&skip=\(skip)&limit=1000000000")
          #expect(answer.status == 200 && whole.hasSuffix(answer.text), "\(source) \(number) \(skip)")
        }
      }
    }
    let nobodys = Self.hex("1|\(commit.incarnation)|\(UInt64.max)|||0|0|\(table)")
    #expect(try shop.server.get("/export/\(name)?cursor=\(nobodys)").status == 410)
  }

  /// Any damage to a cursor leaves one that names rows, or none.
  @Test func damageIsRefusedOrRead() throws {
    let shop = try AnsweringShop(seed: 3)
    let cursor = try #require(try shop.server.get("/export/events?limit=7")["riffle-next-cursor"])
    var random = SeededRandom(seed: 9)
    var counts: [Int: Int] = [:]
    for _ in 0..<300 {
      var digits = Array(cursor)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<digits.count, using: &random)
        digits[place] = "0123456789abcdef".randomElement(using: &random) ?? "0"
      }
      counts[try shop.server.get("/export/events?cursor=\(String(digits))").status, default: 0] += 1
    }
    #expect(Set(counts.keys).isSubset(of: [200, 400, 410]) && counts[400] ?? 0 > 50, "\(counts)")
  }
}
