import Columns
import Encodings
import TestSupport
import Windows

/// Events of a few keys, as keyed operators get them, and the session rows that come out.
enum KeyedEvents {
  static let texts = [
    "event_id", "event_type", "session_id", "user_id", "order_id", "currency", "page", "utm_campaign",
  ]
  static let schema = Schema(
    [Field("source", .integer), Field("offset", .integer), Field("event_ts", .time)]
      + [Field("price", .decimal), Field("quantity", .decimal)] + texts.map { Field($0, .string) })
  static let names = EventLayout.Names(
    eventIdentifier: "event_id", eventType: "event_type", eventTime: "event_ts", session: "session_id",
    user: "user_id", order: "order_id", price: "price", quantity: "quantity", currency: "currency", page: "page",
    campaign: "utm_campaign", source: "source", offset: "offset")
  static let table = SessionTable(
    SessionMeasures(counts: [], revenue: .all, conversion: .all, funnel: [.all, .all]))

  struct SessionRow: Hashable, Comparable {
    let key: String
    let start, end, events: Int64

    static func < (left: SessionRow, right: SessionRow) -> Bool { (left.key, left.start) < (right.key, right.start) }
  }

  /// Some of them late, minutes apart.
  ///
  /// - Parameter texts: of how many different ones users, pages and the like are, others with every offset; null where
  ///   it is 0.
  static func batch(
    _ count: Int, _ random: inout SeededRandom, firstOffset: Int = 0, source: Int64 = 0, texts: Int = 0
  ) -> EventBatch {
    var builder = BatchBuilder(Self.schema)
    for offset in firstOffset..<firstOffset + count {
      let late = Int.random(in: 0..<3, using: &random) == 0 ? Int64.random(in: 0...15, using: &random) : 0
      builder.append(source, to: 0)
      builder.append(Int64(offset), to: 1)
      builder.append((1_000 + Int64(offset) - late) * EventTime.minute, to: 2)
      builder.append(texts > 0 ? Int64.random(in: 0...90_000, using: &random) : nil, to: 3)
      builder.append(texts > 0 ? Int64.random(in: 1...3, using: &random) * 10_000 : nil, to: 4)
      for (index, name) in Self.texts.enumerated() {
        let text: String? =
          switch name {
          case "event_id": "event \(offset)"
          case "session_id": "key \(Int.random(in: 0..<4, using: &random))"
          case _ where texts > 0 && Int.random(in: 0..<4, using: &random) > 0:
            "\(name) \(offset / texts + Int.random(in: 0..<texts, using: &random))"
          default: nil
          }
        builder.append(text, to: 5 + index)
      }
    }
    var watermark = PartitionWatermark(outOfOrdernessMilliseconds: 0, newest: nil) as PartitionWatermark?
    let hashes = ColumnBuffer([UInt64](repeating: 0, count: count))
    return EventBatch(
      builder.build(), layout: EventLayout(schema: Self.schema, names: Self.names), mode: .given,
      types: ColumnBuffer((0..<count).map { UInt8(texts > 0 ? ($0 + firstOffset) % 64 : 0) }), contentHashes: hashes,
      watermark: &watermark)
  }

  static func rows(_ batch: Batch) -> [SessionRow] {
    (0..<batch.rowCount).map { row in
      SessionRow(
        key: batch.strings(SessionTable.keyColumn).text(row) ?? "",
        start: batch.integers(SessionTable.startColumn)[row] ?? 0,
        end: batch.integers(SessionTable.endColumn)[row] ?? 0, events: batch.integers(3)[row] ?? 0)
    }
  }
}
