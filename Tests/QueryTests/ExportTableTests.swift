import Commerce
import CommerceTestSupport
import TestSupport
import Testing

@testable import Query

@Suite struct ExportTableTests {
  /// Three partitions of events over three days, out of order in time and in files of four rows.
  private func shop() throws -> Shop {
    var settings = JobSettings()
    settings.maximumBatchRecords = 3
    settings.rowGroupRows = 4
    let minutes: [Int64] = [0, 2000, 1, 2001, 2, 3002, 3, 2003, 4, 2004, 5]
    return try Shop(
      settings, EventLine.views("a", session: "s", minutes: minutes), [[], Array("{".utf8)],
      EventLine.views("b", session: "t", minutes: minutes.reversed()))
  }

  /// Eleven purchases of six orders.
  private func shopOfOrders() throws -> Shop {
    try Shop(
      JobSettings(),
      (0..<11).map { number in
        EventLine.make(
          "p\(number)", "purchase", at: EventLine.noon + Int64(number) * 1000, session: "s",
          #""price":1.5,"currency":"EUR","order_id":"o\#(number / 2)""#)
      })
  }

  private func text(_ stream: ExportStream) throws -> String {
    var bytes: [UInt8] = []
    while let block = try stream.next() { bytes += block }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(arguments: [1, 2, 3, 7, 11, 1000] as [Int64])
  func stretchesOfAnyLengthGiveTheSameRows(_ stretch: Int64) throws {
    let shop = try shop()
    for table in ["events", "dead_letters"] {
      var rows = try LogRows(shop.run.snapshot(), table: table)
      var whole: [[OutputValue]] = []
      try rows.forEach { whole.append($0) }
      rows.offsetsPerStretch = stretch
      var found: [[OutputValue]] = []
      try rows.forEach { found.append($0) }
      #expect(found == whole && whole.count == (table == "events" ? 22 : 2))
      for count in 0...whole.count {
        let position = try rows.position(behind: count, from: .first)
        guard let position else {
          #expect(count == whole.count)
          continue
        }
        var part = LogRowsInOrder(rows, from: position, before: nil)
        #expect(try part.next() == whole[count], "\(table) behind \(count)")
      }
    }
  }

  @Test(arguments: ["events", "sessions", "orders", "kpi_1m", "dead_letters"], Export.Format.allCases)
  func partsAreTheWhole(_ table: String, _ format: Export.Format) throws {
    let shop = try table == "orders" ? shopOfOrders() : shop()
    var options = Export.Options()
    options.format = format
    let exported = try ExportTable(shop.run.snapshot(), job: shop.run.job, ExportRequest(table: table))
    var printed: [UInt8] = []
    let stream = exported.stream(format)
    while let block = try stream.next() { printed += block }
    #expect(try !printed.isEmpty && String(decoding: printed, as: UTF8.self) == shop.run.export(table, options))
    guard format != .parquet else { return }
    for limit in [1, 2, 5, 100] {
      var (parts, first) = ("", ExportPosition?.some(.first))
      while let begin = first {
        let end = try exported.position(behind: limit, from: begin)
        parts += try text(exported.stream(format, from: begin, before: end))
        first = end
      }
      #expect(try parts == shop.run.export(table, options), "\(table) by \(limit)")
    }
    #expect(try exported.position(behind: 100) == nil)
    #expect(try text(exported.stream(format, from: .last)) == "")
  }

  @Test func timesChooseRows() throws {
    let shop = try shop()
    let noon = EventLine.noon
    func lines(_ table: String, _ times: Range<Int64>) throws -> [String] {
      let request = ExportRequest(table: table, times: times)
      let text = try text(ExportTable(shop.run.snapshot(), job: shop.run.job, request).stream(.ndjson))
      return text.split(separator: "\n").map(String.init)
    }
    let events = try lines("events", noon + 60_000..<noon + 180_001)
    #expect(events.count == 6 && events[0].contains(#""event_id":"a1""#) && events[5].contains(#""event_id":"b1""#))
    #expect(try lines("events", noon..<noon).isEmpty)
    #expect(try lines("events", 0..<Int64.max) == shop.run.rows(of: "events"))
    let windows = try lines("kpi_1m", noon + 1..<noon + 120_001)
    #expect(windows.map { $0.prefix(37).suffix(20) } == ["2023-11-16T12:01:00Z", "2023-11-16T12:02:00Z"])
    #expect(try lines("sessions", noon + 1..<Int64.max).allSatisfy { !$0.contains(#""start":"2023-11-16T12:00:00Z""#) })
  }
}
