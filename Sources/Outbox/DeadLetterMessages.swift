internal import Checkpoints
internal import ColdStore
internal import Columns
internal import Ingest
internal import Kafka
internal import Landing
internal import Query

/// Messages of refused messages: their very bytes, with where they came from and why in headers.
struct DeadLetterMessages: MessageSource {
  /// Brokers take about a megabyte unless told otherwise; a longer letter travels cut, and the table has it whole.
  static let mostValueBytes = 900_000

  private let table: String
  private var appended = AppendedRows()

  init(table: String) { self.table = table }

  var tables: [String] { [table] }

  mutating func look(
    _ snapshot: Snapshot, from cursor: OutboxCursor, _ deliver: (OutboxChunk) throws -> Void
  ) throws {
    let reader = try snapshot.table(table)
    let sources = Dictionary(uniqueKeysWithValues: snapshot.commit.sources.map { ($0.id, $0) })
    for piece in try appended.pieces(of: reader, from: cursor.rows[table] ?? 0) {
      let (batch, rows) = try piece.read(as: DeadLetterTable.schema)
      var chunk = OutboxChunk()
      var byteCount = 0
      for row in rows {
        let message = DeadLetterMessages.message(batch, Int(row), sources)
        chunk.messages.append(message)
        byteCount += message.byteCount
        guard chunk.messages.count >= OutboxChunk.mostMessages || byteCount >= OutboxChunk.mostBytes else { continue }
        chunk.rows[table] = piece.position(before: Int(row) + 1)
        try deliver(chunk)
        (chunk, byteCount) = (OutboxChunk(), 0)
      }
      chunk.rows[table] = piece.position(before: piece.header.rowCount)
      try deliver(chunk)
    }
    try deliver(OutboxChunk(rows: [table: reader.state.nextSequence]))
  }

  /// The message of a row: its key and header `riffle-origin` are topic, partition and offset, as of a letter that
  /// `riffle dlq replay` sends.
  private static func message(_ batch: Batch, _ row: Int, _ sources: [Int: SourceState]) -> OutboxMessage {
    let source = batch.integers(0)[row].flatMap { sources[Int($0)] }
    let topic = source?.topic ?? ""
    let (partition, offset) = ("\(source?.partition ?? 0)", "\(batch.integers(1)[row] ?? 0)")
    let origin = Array("\(topic)/\(partition)/\(offset)".utf8)
    var message = OutboxMessage(
      key: origin, value: bytes(batch.strings(4), row),
      headers: [
        KafkaHeader(name: "riffle-origin", value: origin), KafkaHeader(name: "topic", value: Array(topic.utf8)),
        KafkaHeader(name: "partition", value: Array(partition.utf8)),
        KafkaHeader(name: "offset", value: Array(offset.utf8)),
        KafkaHeader(name: "reason", value: bytes(batch.strings(2), row)),
        KafkaHeader(name: "field", value: bytes(batch.strings(3), row)),
      ])
    if let value = message.value, value.count > mostValueBytes {
      message.value = Array(value.prefix(mostValueBytes))
      message.headers.append(KafkaHeader(name: "cut_from_bytes", value: Array("\(value.count)".utf8)))
    }
    return message
  }

  private static func bytes(_ column: StringColumn, _ row: Int) -> [UInt8]? {
    column.isNull(row) ? nil : Array(copying: column.bytes(row))
  }
}
