internal import Checkpoints
internal import Kafka

/// A message as it is sent, but for the two headers that every message has.
struct OutboxMessage {
  var key: [UInt8]
  /// Nil is a null value.
  var value: [UInt8]?
  var headers: [KafkaHeader] = []

  /// Roughly what it needs in memory and on the wire.
  var byteCount: Int { key.count + (value?.count ?? 0) + headers.reduce(64) { $0 + ($1.value?.count ?? 0) } }
}

/// Messages that are sent together, and what is delivered once all of them are acknowledged.
struct OutboxChunk {
  static let mostMessages = 2_000
  static let mostBytes = 4 << 20

  var messages: [OutboxMessage] = []
  /// By table, the sequence number of the first row that is not delivered with these messages.
  var rows: [String: Int64] = [:]
}

/// The headers by which a reader orders the messages of a key.
enum OutboxHeader {
  /// `incarnation.commit`: the state that the message tells of, two numbers to be compared one after the other.
  static let epoch = "epoch"
  /// How many messages of this topic were acknowledged before.
  static let sequence = "out_seq"

  static func epoch(of commit: Commit) -> [UInt8] { Array("\(commit.incarnation).\(commit.epoch)".utf8) }
}
