internal import Encodings

/// How far one topic has got what the tables hold: everything before is acknowledged by the brokers.
///
/// It counts rows in the order in which a table was given them (`TableState.nextSequence`), which no cut, repair or
/// copy of files changes.
public struct OutboxCursor: Sendable, Equatable {
  /// The topic, whose name is the sink's identity: another topic begins at the beginning.
  public let topic: String
  /// By table, the sequence number of the first row that is not delivered; 0 where the table is missing.
  public var rows: [String: Int64] = [:]
  /// Messages acknowledged so far: the `out_seq` of the next one.
  public var messageCount: Int64 = 0

  public init(topic: String) { self.topic = topic }

  func write(to writer: inout ByteWriter) {
    writer.write(topic)
    writer.write(counts: rows)
    writer.writeSignedVarint(messageCount)
  }

  init(from reader: inout ByteReader) throws(CorruptionError) {
    topic = try reader.readText()
    rows = try reader.readCounts()
    messageCount = try reader.readSignedVarint()
  }
}
