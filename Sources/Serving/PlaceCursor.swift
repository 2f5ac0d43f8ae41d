/// Where a list of stored messages goes on: behind one of them.
package struct PlaceCursor: Equatable {
  /// What the list is ordered by first: a time, or an offset.
  package let key: Int64
  /// Messages with the same key that were listed, this one among them.
  package let sameKeyCount: Int
  package let topic: String
  package let partition: Int64
  package let offset: Int64

  /// More, and those of a page, are not put in order by a query.
  static let sameKeyCountMax = 90_000

  /// In hexadecimal digits, so that it needs no encoding anywhere.
  package var text: String {
    "\(key)|\(sameKeyCount)|\(partition)|\(offset)|\(topic)".utf8.map { HexDigits.text($0) }.joined()
  }

  init(key: Int64, sameKeyCount: Int, topic: String, partition: Int64, offset: Int64) {
    self.key = key
    self.sameKeyCount = sameKeyCount
    self.topic = topic
    self.partition = partition
    self.offset = offset
  }

  /// The parameter `cursor`; nil where there is none.
  package init?(_ query: HTTPQuery) throws(HTTPFailure) {
    guard let text = query.text("cursor") else { return nil }
    let bytes = HexDigits.bytes(text).flatMap { String(validating: $0, as: UTF8.self) } ?? ""
    let parts = bytes.split(separator: "|", maxSplits: 4, omittingEmptySubsequences: false)
    guard parts.count == 5, let key = Int64(parts[0]), let count = Int(parts[1]),
      (0...PlaceCursor.sameKeyCountMax).contains(count), let partition = Int64(parts[2]), let offset = Int64(parts[3])
    else {
      throw .badParameter(name: "cursor", "is none that this server gives: take 'next_cursor' of an answer as it is")
    }
    self.init(key: key, sameKeyCount: count, topic: String(parts[4]), partition: partition, offset: offset)
  }

  /// Whether a message with the cursor's key comes behind it, in the order of topic, partition and offset.
  package func isBefore(topic: String, partition: Int64, offset: Int64) -> Bool {
    if topic != self.topic { return self.topic.utf8.lexicographicallyPrecedes(topic.utf8) }
    return (self.partition, self.offset) < (partition, offset)
  }

  static let parameter = HTTPParameter(
    "cursor", "Goes on behind an earlier answer: its 'next_cursor'.", HexDigits.schema)
}
