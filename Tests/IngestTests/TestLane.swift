import Columns
import Dataflow
import Windows

@testable import Ingest

/// A lane's output, and what comes out of it.
struct TestLane {
  struct Accepted {
    let offset: Int64
    let watermark: Int64
  }

  struct Letter {
    let offset: Int64
    /// Offset, reason and field.
    let reason: String
    let raw: String
  }

  var output: LaneOutput
  private let runtime = SimulationRuntime(seed: 1)
  private let graph: Graph
  private let sink = Collected<SinkMessage>()
  private let keyGroups: [Collected<EventSlice>]

  init(outOfOrderness: Int64 = 5_000, futureSkew: Int64 = 5 * EventTime.minute, keyGroups: Int = 2) throws {
    let graph = Graph(runtime: runtime)
    self.graph = graph
    let collected = (0..<keyGroups).map { _ in Collected<EventSlice>() }
    self.keyGroups = collected
    output = LaneOutput(
      source: 7, plan: try TestLane.plan(outOfOrderness, futureSkew), newest: nil,
      keyGroups: collected.map { graph.connect(to: graph.add($0, name: "key group")) },
      sink: graph.connect(to: graph.add(sink, name: "sink")))
  }

  private static func plan(_ outOfOrderness: Int64, _ futureSkew: Int64) throws -> LanePlan {
    let texts = ["event_id", "user_id", "session_id", "order_id", "currency", "page", "campaign"]
    let fields =
      texts.map { FieldRule([$0], column: $0, kind: .text, emptyIsNull: true) } + [
        FieldRule(["event_type"], column: "event_type", kind: .text, isRequired: true),
        FieldRule(["event_ts"], column: "event_ts", kind: .time, isRequired: true),
        FieldRule(["price"], column: "price", kind: .decimal),
        FieldRule(["quantity"], column: "quantity", kind: .decimal),
      ]
    let schema = Schema(
      [Field("source", .integer), Field("offset", .integer)] + texts.map { Field($0, .string) } + [
        Field("event_type", .string), Field("event_ts", .time), Field("price", .decimal), Field("quantity", .decimal),
      ])
    return LanePlan(
      shape: MessageShape(
        schema: schema, fields: fields, typeColumn: "event_type", timeColumn: "event_ts", identityColumn: "event_id",
        sourceColumn: "source", offsetColumn: "offset", types: try EventTypes(["page_view"], aliases: [:])),
      layout: EventLayout(
        schema: schema,
        names: EventLayout.Names(
          eventIdentifier: "event_id", eventType: "event_type", eventTime: "event_ts", session: "session_id",
          user: "user_id", order: "order_id", price: "price", quantity: "quantity", currency: "currency", page: "page",
          campaign: "campaign", source: "source", offset: "offset")),
      sessionMode: .given, outOfOrdernessMilliseconds: outOfOrderness, maximumFutureSkewMilliseconds: futureSkew,
      maximumRecords: 100)
  }

  /// Sends messages on as one batch.
  mutating func emit(_ messages: [(offset: Int64, text: String, arrival: Int64)]) {
    emit(messages.map { ($0.offset, $0.text) }, arrivals: messages.map(\.arrival))
  }

  /// Sends messages on as one batch; without arrivals as from a file.
  mutating func emit(_ messages: [(offset: Int64, text: String)], arrivals: [Int64]? = nil) {
    let arena = ByteArena()
    let ranges = messages.map { message in
      let bytes = Array(message.text.utf8)
      return MessageRange(
        offset: UInt32(arena.append(bytes.span)), length: Int32(bytes.count), logOffset: message.offset)
    }
    output.emit(arena: arena, ranges, arrivals: arrivals)
  }
}

// What came out.
extension TestLane {
  private func deliver() throws { while case .stepped = try runtime.step(graph) {} }

  /// The rows that key groups got; in the order of their offsets, each at one group alone.
  func accepted() throws -> [Accepted] {
    try deliver()
    let rows = keyGroups.flatMap(\.messages).flatMap { slice in
      slice.rows.map { row in
        Accepted(offset: slice.events.offsets[Int(row)], watermark: slice.events.watermarks[Int(row)])
      }
    }
    return rows.sorted { $0.offset < $1.offset }
  }

  func letters() throws -> [Letter] {
    try deliver()
    return sink.messages.flatMap { message -> [Letter] in
      guard case .rows(TableNames.deadLetters, let rows) = message else { return [] }
      return (0..<rows.rowCount).map { row in
        let offset = rows.integers(1)[row] ?? -1
        let field = rows.strings(3).text(row) ?? "-"
        return Letter(
          offset: offset, reason: "\(offset) \(rows.strings(2).text(row) ?? "-") \(field)",
          raw: rows.strings(4).text(row) ?? "null")
      }
    }
  }

  func counts() throws -> SourceCounts {
    try deliver()
    return sink.messages.reduce(into: SourceCounts()) { sum, message in
      if case .counts(7, let counts) = message { sum += counts }
    }
  }
}

/// Keeps what arrives.
final class Collected<Input: Sendable>: Operator {
  private(set) var messages: [Input] = []

  func process(_ input: Input, from edge: Int) { messages.append(input) }
  func advance(to watermark: Int64) {}
  func snapshot(at epoch: UInt64) {}
  func finish() {}
}
