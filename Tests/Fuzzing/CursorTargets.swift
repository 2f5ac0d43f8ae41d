internal import Query
internal import Serving

extension FuzzTarget {
  /// A cursor of an export, and the rows behind it. The bytes are those that its hexadecimal digits stand for.
  static let exportCursor = FuzzTarget(
    "export-cursor", "where an export goes on, and its rows", maximumByteCount: 256, seeds: CursorSeeds.exports
  ) { bytes in
    let query = try CursorSeeds.query(bytes)
    // Its own route takes it.
    let table = CursorSeeds.tables.first { bytes.suffix($0.utf8.count).elementsEqual($0.utf8) } ?? "events"
    guard let cursor = try ExportCursor(query, of: ExportRequest(table: table)) else {
      preconditionFailure("a cursor is there and was not seen")
    }
    precondition(ExportCursor(cursor.text) == cursor, "a cursor is not read back")
    let all = try rows(cursor.request, .first)
    let left = try rows(cursor.request, cursor.position)
    precondition(all.suffix(left.count) == left, "an export does not go on with its own rows")
  }

  private static func rows(_ request: ExportRequest, _ first: ExportPosition) throws -> [UInt8] {
    let table = try ExportTable(EngineFiles.snapshot(), job: EngineFiles.job.get(), request)
    _ = try table.position(behind: 3, from: first)
    let stream = table.stream(.ndjson, from: first)
    var rows: [UInt8] = []
    while let block = try stream.next() { rows += block }
    return rows
  }

  /// A cursor of a list of messages: which it is before, and which it is not.
  static let placeCursor = FuzzTarget(
    "place-cursor", "where a list of messages goes on", maximumByteCount: 256, seeds: CursorSeeds.places
  ) { bytes in
    let query = try CursorSeeds.query(bytes)
    guard let cursor = try PlaceCursor(query) else { preconditionFailure("a cursor is there and was not seen") }
    let again = try PlaceCursor(CursorSeeds.query(of: cursor.text))
    precondition(again == cursor, "a cursor is not read back")
    let (topic, partition, offset) = (cursor.topic, cursor.partition, cursor.offset)
    precondition(!cursor.isBefore(topic: topic, partition: partition, offset: offset), "it is before itself")
    precondition(cursor.isBefore(topic: topic + "a", partition: .min, offset: .min), "a later topic is not behind it")
    let isLast = partition == .max && offset == .max
    precondition(isLast || cursor.isBefore(topic: topic, partition: .max, offset: .max), "the end is not behind it")
  }
}

enum CursorSeeds {
  static let tables = ["kpi_1m", "sessions", "dead_letters", "events"]

  /// A query with a cursor of these bytes.
  static func query(_ bytes: [UInt8]) throws -> HTTPQuery {
    let digits = bytes.map { byte in
      let text = String(byte, radix: 16)
      return byte < 16 ? "0" + text : text
    }
    return try query(of: digits.joined())
  }

  static func query(of text: String) throws -> HTTPQuery { try RequestTarget("/?cursor=\(text)").query }

  @Sendable static func exports() -> [[UInt8]] {
    [
      "1|1|3|||0|5|events", "1|1|3|1700136000000|1700136600000|1|2|events", "1|1|3|||0|1|kpi_1m",
      "1|1|3|0|9223372036854775807|0|0|sessions", "1|1|3|||-9223372036854775808|0|dead_letters",
      "1|1|3|||9223372036854775807|9223372036854775807|events",
    ].map { Array($0.utf8) }
  }

  @Sendable static func places() -> [[UInt8]] {
    ["1700136000000|1|0|5|events", "17|90000|3|17|a|b", "-1|0|-9223372036854775808|9223372036854775807|"].map {
      Array($0.utf8)
    }
  }
}
