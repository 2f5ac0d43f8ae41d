import Columns
import Foundation
import Shoppers
import Testing

@Suite struct TrafficTests {
  private func options(_ change: (inout TrafficOptions) -> Void = { _ in }) -> TrafficOptions {
    var options = TrafficOptions()
    options.eventCount = 20_000
    options.products = 2_000
    change(&options)
    return options
  }

  private func object(_ line: TrafficLine) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(line.bytes)) as? [String: Any])
  }

  @Test func sameSeedSameBytes() throws {
    let first = Array(try Traffic(options()))
    #expect(first.count == 20_000)
    #expect(first == Array(try Traffic(options())))
    #expect(first != Array(try Traffic(options { $0.seed = 2 })))
  }

  /// Every machine makes the bytes that this one made.
  @Test func bytesAreFixed() throws {
    var hash: UInt64 = 0
    for line in try Traffic(options { $0.timeFormRate = 0.2 }) { hash = Hash.hash64(line.bytes.span, seed: hash) }
    #expect(hash == 15_555_860_252_104_692_873)
  }

  @Test func linesArriveInOrderAndDelaysDisorderEvents() throws {
    let lines = Array(try Traffic(options()))
    for (line, next) in zip(lines, lines.dropFirst()) { #expect(line.arrivalTime <= next.arrivalTime) }
    #expect(lines.allSatisfy { $0.eventTime <= $0.arrivalTime })
    #expect(zip(lines, lines.dropFirst()).contains { $0.eventTime > $1.eventTime })
    let times = lines.map(\.eventTime)
    let span = try #require(times.max()) - (try #require(times.min()))
    #expect((EventTime.hour...3 * EventTime.hour).contains(span), "\(span) ms for two hours")
  }

  @Test func everyLineParsesUnlessItIsMalformed() throws {
    var types: Set<String> = []
    for line in try Traffic(options { ($0.malformedRate, $0.timeFormRate) = (0.05, 0.3) }) {
      #expect(!line.bytes.contains(UInt8(ascii: "\n")))
      if case .malformed = line.kind { continue }
      let event = try object(line)
      #expect(event.count == 18)
      types.insert(try #require(event["event_type"] as? String))
      #expect(event["event_id"] is String && event["geo"] is [String: Any] && event["event_ts"] != nil)
    }
    #expect(types.count == 8, "\(types)")
  }

  @Test func ratesAreMet() throws {
    let asked = options {
      $0.eventCount = 60_000
      ($0.duplicateRate, $0.farDuplicateRate, $0.malformedRate) = (0.05, 0.02, 0.03)
    }
    var (duplicates, farDuplicates, malformed, events, bytes) = (0.0, 0.0, 0.0, 0.0, 0)
    for line in try Traffic(asked) {
      bytes += line.bytes.count
      switch line.kind {
      case .event: events += 1
      case .duplicate: duplicates += 1
      case .farDuplicate: farDuplicates += 1
      case .malformed: malformed += 1
      }
    }
    for (count, rate) in [(duplicates, 0.05), (farDuplicates, 0.02), (malformed, 0.03)] {
      #expect(abs(count / events - rate) < rate / 8, "\(count) of \(events) for \(rate)")
    }
    #expect((550...700).contains(bytes / 60_000), "\(bytes / 60_000) bytes a line")
  }

  @Test func noWrongsIfNoneAreAskedFor() throws {
    let clean = options { ($0.duplicateRate, $0.farDuplicateRate, $0.malformedRate) = (0, 0, 0) }
    let lines = Array(try Traffic(clean))
    #expect(lines.allSatisfy { $0.kind == .event })
    #expect(Set(lines.map(\.bytes)).count == 20_000)
  }

  @Test func duplicatesRepeatAnEarlierLine() throws {
    var seen: Set<[UInt8]> = []
    var partitions: Set<Int> = []
    for line in try Traffic(options { ($0.duplicateRate, $0.farDuplicateRate) = (0.05, 0.05) }) {
      switch line.kind {
      case .event: #expect(seen.insert(line.bytes).inserted)
      case .duplicate, .farDuplicate: #expect(seen.contains(line.bytes))
      case .malformed: break
      }
      partitions.insert(line.partition)
    }
    #expect(partitions == [0, 1, 2, 3])
  }

  @Test func sessionsKeepTheirPartition() throws {
    var partitions: [String: Int] = [:]
    for line in try Traffic(options { $0.partitions = 7 }) where line.kind == .event {
      let session = try #require(try object(line)["session_id"] as? String)
      let partition = Int(Hash.murmur2(Array(session.utf8).span) & 0x7FFF_FFFF) % 7
      #expect(line.partition == partition)
      #expect(partitions.updateValue(partition, forKey: session) ?? partition == partition)
    }
    #expect(partitions.count > 1500)
  }

  @Test func userKeyLeavesSessionsToBeDerived() throws {
    for line in try Traffic(options { ($0.key, $0.eventCount) = (.user, 3000) }) where line.kind == .event {
      let event = try object(line)
      #expect(event["session_id"] is NSNull)
      let user = try #require(event["user_id"] as? String)
      #expect(line.partition == Int(Hash.murmur2(Array(user.utf8).span) & 0x7FFF_FFFF) % 4)
    }
  }

  @Test func sessionEndOrderKeepsSessionsTogether() throws {
    let lines = Array(
      try Traffic(
        options { ($0.order, $0.farDuplicateRate, $0.malformedRate, $0.eventCount) = (.sessionEnd, 0, 0, 5000) }))
    #expect(lines.count == 5000)
    var (ended, current, newest): (Set<String>, String, Int64) = ([], "", 0)
    for line in lines {
      let session = try #require(try object(line)["session_id"] as? String)
      if session != current {
        #expect(ended.insert(session).inserted)
        (current, newest) = (session, 0)
      }
      #expect(line.eventTime >= newest)
      newest = line.eventTime
    }
  }

  @Test func journeysAreRealistic() throws {
    var counts: [String: Int] = [:]
    var currencies: Set<String> = []
    var cities: Set<String> = []
    for line in try Traffic(options { ($0.eventCount, $0.malformedRate) = (40_000, 0) }) {
      let event = try object(line)
      counts[try #require(event["event_type"] as? String), default: 0] += 1
      currencies.insert(try #require(event["currency"] as? String))
      let city = try #require((event["geo"] as? [String: Any])?["city"] as? String)
      cities.insert(city)
    }
    func count(_ type: String) -> Int { counts[type] ?? 0 }
    #expect(count("page_view") > count("search") && count("search") > count("begin_checkout"))
    #expect(count("add_to_cart") > count("begin_checkout") && count("begin_checkout") > count("refund"))
    #expect(count("purchase") > 100 && count("refund") > 0)
    #expect(currencies.count > 5 && cities.contains("München"))
    for line in try Traffic(options { ($0.currency, $0.malformedRate, $0.eventCount) = ("EUR", 0, 500) }) {
      #expect(try object(line)["currency"] as? String == "EUR")
    }
  }

  @Test func wrongOptionsAreRefused() {
    #expect(throws: TrafficOptionsError.outOfRange(option: "lateRate", allowed: "from 0 to 1")) {
      try Traffic(options { $0.lateRate = 1.5 })
    }
    #expect(throws: TrafficOptionsError.self) { try Traffic(options { $0.partitions = 0 }) }
    #expect(throws: TrafficOptionsError.self) { try Traffic(options { $0.currency = "eur" }) }
    #expect(throws: TrafficOptionsError.self) { try Traffic(options { $0.spanMilliseconds = 0 }) }
  }
}
