import CZlib
import Checkpoints
import Columns
import Commerce
import CommerceTestSupport
import Query
import TestSupport
import Testing
import Windows

@testable import Serving

@Suite struct ExportRouteTests {
  private let place = TemporaryDirectory()

  private func stored(_ settings: JobSettings = JobSettings()) throws -> EngineRun {
    let run = try EngineRun(settings, in: place.file("data"))
    let lines = (0..<50).map { number in
      EventLine.make(
        "e\(number)", number % 5 == 0 ? "purchase" : "page_view", at: EventLine.noon + Int64(number) * 20_000,
        session: "s\(number % 7)", #""price":\#(number).5,"currency":"EUR""#)
    }
    try read(run, "a", lines + [Array("{".utf8)])
    return run
  }

  private func read(_ run: EngineRun, _ name: String, _ lines: [[UInt8]]) throws {
    try run.simulate([try place.write(name, lines: lines)], seed: 1, checkpointOdds: 10)
  }

  @Test(arguments: ["events", "kpis", "sessions", "dead_letters"], Export.Format.allCases)
  func rowsAreThoseOfTheCommand(_ name: String, _ format: Export.Format) throws {
    let run = try stored()
    let answer = try EngineServer(FakeEngine(directory: run.directory)).get("/export/\(name)?format=\(format)")
    var options = Export.Options()
    options.format = format
    let table = name == "kpis" ? "kpi_1m" : name
    #expect(try answer.status == 200 && answer.text == run.export(table, options))
    let types = ["ndjson": "application/x-ndjson", "csv": "text/csv; charset=utf-8"]
    #expect(answer["content-type"] == types[format.rawValue] ?? "application/vnd.apache.parquet")
    #expect(answer["content-disposition"] == "attachment; filename=\"\(table).\(format)\"")
    let commit = try #require(try run.newestCommit())
    #expect(answer["riffle-epoch"] == "\(commit.incarnation).\(commit.epoch).0")
    #expect(answer["transfer-encoding"] == "chunked" && answer["riffle-next-cursor"] == nil)
  }

  @Test func gzipIsTheSameBytes() throws {
    let run = try stored()
    let server = try EngineServer(FakeEngine(directory: run.directory))
    func ask(_ target: String, _ coding: String) throws -> Answer {
      try server.server.ask("GET \(target) HTTP/1.1\r\nHost: test\r\nAccept-Encoding: \(coding)\r\n\r\n")
    }
    for coding in ["gzip", "deflate, gzip;q=0.5", "*", "br;q=1.0, x-gzip"] {
      let answer = try ask("/export/events", coding)
      #expect(answer["content-encoding"] == "gzip" && answer["vary"] == "Accept-Encoding")
      #expect(try String(decoding: Gunzip.bytes(answer.body), as: UTF8.self) == run.export("events"))
    }
    for coding in ["identity", "gzip;q=0", "gzip; q=0.0, *", "deflate"] {
      let answer = try ask("/export/events", coding)
      #expect(try answer["content-encoding"] == nil && answer.text == run.export("events"), "\(coding)")
    }
    #expect(try ask("/export/events?format=parquet", "gzip")["content-encoding"] == nil)
  }

  @Test func longAndIncompressibleBytesAreCompressedWhole() throws {
    var random = SeededRandom(seed: 5)
    let blocks = (0..<40).map { number in
      (0..<(number * 5_000)).map { _ in
        number.isMultiple(of: 2) ? UInt8.random(in: 0...255, using: &random) : UInt8(ascii: "a")
      }
    }
    let gzip = try #require(Gzip())
    let compressed = blocks.flatMap { gzip.add($0) } + gzip.finish()
    #expect(Gunzip.bytes(compressed) == blocks.flatMap { $0 })
  }

  /// Pages fit together even where the engine commits in between, and the commit they are of is gone.
  @Test(arguments: ["events", "kpis", "sessions", "dead_letters"])
  func pagesAreOfOneCommit(_ name: String) throws {
    let run = try stored()
    let table = name == "kpis" ? "kpi_1m" : name
    let whole = try run.export(table)
    let server = try EngineServer(FakeEngine(directory: run.directory))
    var (text, cursor, pages) = ("", String?.none, 0)
    repeat {
      let page = try server.get("/export/\(name)?limit=3" + (cursor.map { "&cursor=\($0)" } ?? ""))
      #expect(page.status == 200)
      text += page.text
      cursor = page["riffle-next-cursor"]
      pages += 1
      if pages < 6 {
        let more = EventLine.views("p\(pages)", session: "s1", minutes: [Int64(pages)]) + [Array("{".utf8)]
        try read(run, "more\(pages)", more)
      }
    } while cursor != nil && pages < 100
    let rows = whole.split(separator: "\n").count
    #expect(text == whole && pages == max(1, (rows + 2) / 3))
    #expect(try run.export(table) != whole)
  }

  @Test func anAnswerThatBrokeOffIsResumed() throws {
    let run = try stored()
    let server = try EngineServer(FakeEngine(directory: run.directory))
    let whole = try server.get("/export/events?format=csv&limit=30")
    let cursor = try #require(whole["riffle-cursor"])
    for arrived in [0, 1, 7, 29] {
      let lines = whole.text.split(separator: "\n", omittingEmptySubsequences: false)
      let rest = try server.get("/export/events?format=csv&cursor=\(cursor)&skip=\(arrived)&limit=\(30 - arrived)")
      let begun = lines.prefix(arrived == 0 ? 0 : arrived + 1).map { $0 + "\n" }.joined()
      #expect(begun + rest.text == whole.text)
    }
    let none = try server.get("/export/events?cursor=\(cursor)&skip=50")
    #expect(none.status == 200 && none.body.isEmpty && none["riffle-next-cursor"] == nil)
  }

  @Test func aCursorWhoseCommitIsGoneSaysSo() throws {
    let run = try stored()
    let first = try EngineServer(FakeEngine(directory: run.directory))
    let cursor = try #require(try first.get("/export/events?limit=3")["riffle-next-cursor"])
    // Another process, which keeps nothing open: as long as the commit is there, it goes on.
    let second = try EngineServer(FakeEngine(directory: run.directory))
    #expect(try second.get("/export/events?limit=3&cursor=\(cursor)").text.contains(#""event_id":"e3""#))
    let third = try EngineServer(FakeEngine(directory: run.directory))
    for number in 0..<5 {
      try read(run, "m\(number)", EventLine.views("m\(number)", session: "s", minutes: [Int64(number)]))
    }
    let detail = try third.refusal("/export/events?cursor=\(cursor)", status: 410)
    #expect(detail.contains("begin again without 'cursor'"))
    #expect(try first.get("/export/events?cursor=\(cursor)").text.contains(#""event_id":"e3""#), "it has it open")
  }

  @Test func rangesAndDaysChooseRows() throws {
    var settings = JobSettings()
    settings.rollups = [
      JobSettings.Rollup(name: "kpi_1m", shape: .tumbling(size: 60_000)),
      JobSettings.Rollup(name: "daily", shape: .calendar(.day, zone: try CalendarZone("Pacific/Auckland"))),
    ]
    let run = try stored(settings)
    let server = try EngineServer(FakeEngine(settings, directory: run.directory))
    func rows(_ target: String) throws -> [JSON] {
      try server.get(target).text.split(separator: "\n").map { try JSON(Array($0.utf8)) }
    }
    let events = try rows("/export/events?start_time=2023-11-16T12:01:00Z&end_time=2023-11-16T12:02:00Z")
    #expect(events.map { $0["event_id"].text } == ["e3", "e4", "e5"])
    #expect(try rows("/export/events?start_time=2023-11-16T12:16:00Z").count == 2)
    #expect(try rows("/export/kpis?date=2023-11-16").count == 17)
    #expect(try rows("/export/kpis?date=2023-11-15").isEmpty)
    #expect(try rows("/export/kpis?start_time=2023-11-16T12:16:00Z")[0]["page_views"].integer == 2)
    // Noon in UTC is the next day in New Zealand.
    #expect(try rows("/export/kpis?rollup=daily&date=2023-11-17")[0]["page_views"].integer == 40)
    #expect(try rows("/export/kpis?rollup=daily&date=2023-11-16").isEmpty)
    let history = try server.json("/kpis/history?read=committed&from=2023-11-16T00:00:00Z&to=2023-11-17T00:00:00Z")
    let day = try rows("/export/kpis?date=2023-11-16")
    let windows = history["windows"].array.map { $0["metrics"] }
    #expect(windows.map { $0["page_views"].integer } == day.map { $0["page_views"].integer })
  }

  @Test func wrongParametersAreNamed() throws {
    let run = try stored()
    let server = try EngineServer(FakeEngine(directory: run.directory))
    #expect(try server.refusal("/export/events?format=xml").contains("ndjson, csv, parquet"))
    #expect(try server.refusal("/export/events?start_time=5&end_time=5").contains("'end_time'"))
    #expect(try server.refusal("/export/events?cursor=zz").contains("Riffle-Next-Cursor"))
    #expect(try server.refusal("/export/events?limit=0").contains("'limit'"))
    #expect(try server.refusal("/export/kpis?date=yesterday").contains("2023-11-16"))
    #expect(try server.refusal("/export/kpis?date=2023-11-16&start_time=1").contains("combined with 'date'"))
    #expect(try server.refusal("/export/kpis?rollup=kpi_2m").contains("kpi_1m"))
    #expect(try server.refusal("/export/dead_letters?start_time=1").contains("not known here"))
    let cursor = try #require(try server.get("/export/events?limit=3")["riffle-next-cursor"])
    #expect(try server.refusal("/export/sessions?cursor=\(cursor)").contains("of an export of 'events'"))
    #expect(try server.refusal("/export/events?cursor=\(cursor)&end_time=5").contains("leave it out"))
    #expect(try server.refusal("/export/events?cursor=\(cursor.dropLast(2))", status: 400).contains("'cursor'"))
    let nothing = try EngineServer(FakeEngine())
    #expect(try nothing.get("/export/events").status == 503)
  }

  @Test func cursorsAreReadBackStrictly() throws {
    let run = try stored()
    for times in [nil, Int64(5)..<Int64.max] {
      let table = try ExportTable(run.snapshot(), job: run.job, ExportRequest(table: "events", times: times))
      for position in [ExportPosition.first, .last, ExportPosition(source: 3, number: 17)] {
        let cursor = ExportCursor(table, position)
        #expect(ExportCursor(cursor.text) == cursor)
      }
    }
    func hex(_ text: String) -> String { text.utf8.map { HexDigits.text($0) }.joined() }
    #expect(ExportCursor(hex("1|1|1|||0|0|events")) != nil)
    for text in ["", "1", "2|1|1|||0|0|events", "1|1|1|5||0|0|e", "1|1|1|6|5|0|0|e", "1|-1|1|||0|0|e", "1|1|1|||0||e"] {
      #expect(ExportCursor(hex(text)) == nil, "\(text)")
    }
    for text in ["0", "0g", "é", "AB"] { #expect(ExportCursor(text) == nil) }
  }

  /// Who reads nothing holds a place and little memory; who leaves gives the place back.
  @Test func slowClientsHoldTheirPlacesUntilTheyLeave() throws {
    let run = try EngineRun(JobSettings(), in: place.file("long"))
    let page = String(repeating: "p", count: 8_000)
    let lines = (0..<3000).map { number in
      EventLine.make("e\(number)", "page_view", at: EventLine.noon + Int64(number), session: "s", #""page":"\#(page)""#)
    }
    try run.simulate([try place.write("pages", lines: lines)], seed: 1, checkpointOdds: 1000)
    let server = try EngineServer(FakeEngine(directory: run.directory))
    do {
      let clients = try (0..<ExportDesk.countMax).map { _ in try server.server.client() }
      for client in clients {
        client.send("GET /export/events HTTP/1.1\r\nHost: test\r\n\r\n")
        #expect(try client.read(through: "\r\n\r\n").contains("200 OK"))
      }
      let refusal = try server.get("/export/events?limit=1")
      #expect(refusal.status == 503 && refusal["retry-after"] == "10" && refusal.text.contains("4 exports are running"))
    }
    #expect(eventually { (try? server.get("/export/events?limit=1").status) == 200 })
    #expect(try server.get("/export/events").text.utf8.count > 24_000_000)
  }

  @Test func exportsAreBoundedAndTablesLetGo() throws {
    let desk = ExportDesk()
    var places = try (0..<ExportDesk.countMax).map { _ in try desk.place() }
    #expect(throws: HTTPFailure.self) { try desk.place() }
    places.removeLast()
    _ = try desk.place()
    let run = try stored()
    let table = try ExportTable(run.snapshot(), job: run.job, ExportRequest(table: "events"))
    let cursor = ExportCursor(table, .first)
    desk.keep(table, atNanoseconds: 0)
    let lease = ExportDesk.leaseMinutes * 60_000_000_000
    #expect(desk.table(of: cursor, atNanoseconds: lease - 1) != nil)
    #expect(desk.table(of: cursor, atNanoseconds: lease) == nil)
    #expect(desk.dropPast(atNanoseconds: lease - 1) && !desk.dropPast(atNanoseconds: lease))
    desk.keep(table, atNanoseconds: 0)
    for number in 0..<4 {
      let request = ExportRequest(table: "events", times: 0..<Int64(number))
      desk.keep(try ExportTable(run.snapshot(), job: run.job, request), atNanoseconds: 1)
    }
    #expect(desk.table(of: cursor, atNanoseconds: 1) == nil, "the oldest goes first")
  }
}

/// Reads back what was compressed.
enum Gunzip {
  static func bytes(_ compressed: [UInt8]) -> [UInt8] {
    var (input, output) = (compressed, [UInt8]())
    // The library keeps the address.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    unsafe inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    defer {
      unsafe inflateEnd(stream)
      unsafe stream.deallocate()
    }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    unsafe input.withUnsafeMutableBufferPointer { input in
      unsafe stream.pointee.next_in = input.baseAddress
      unsafe stream.pointee.avail_in = UInt32(input.count)
      var result = Z_OK
      while result == Z_OK {
        unsafe buffer.withUnsafeMutableBufferPointer { buffer in
          unsafe stream.pointee.next_out = buffer.baseAddress
          unsafe stream.pointee.avail_out = UInt32(buffer.count)
          result = unsafe inflate(stream, Z_NO_FLUSH)
        }
        output += buffer.prefix(buffer.count - Int(unsafe stream.pointee.avail_out))
      }
    }
    return output
  }
}
