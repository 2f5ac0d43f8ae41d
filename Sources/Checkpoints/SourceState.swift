public import Encodings

/// How far one source (a file, a partition) was read, and what became of its rows, at a commit.
public struct SourceState: Sendable, Equatable {
  public var id: Int
  /// A file's name, or a topic.
  public var topic: String
  public var partition: Int
  /// The file's size.
  public var byteCount: Int64
  /// CRC32C of the bytes read so far.
  public var checksum: UInt32
  /// The offset of the next row.
  public var nextOffset: Int64
  /// Where the next row begins in the file.
  public var byteOffset: Int64
  public var maximumEventTime: Int64?
  public var isDone: Bool
  public var received: Int64 = 0
  public var accepted: Int64 = 0
  public var duplicates: Int64 = 0
  public var deadLetters: Int64 = 0
  /// Rows that wait for the repair step.
  public var waiting: Int64 = 0
  /// Dead letters by reason.
  public var reasons: [String: Int64] = [:]
  /// Whatever else is counted per source.
  public var counters: [String: Int64] = [:]

  public init(
    id: Int, topic: String, partition: Int, byteCount: Int64 = 0, checksum: UInt32 = 0, nextOffset: Int64 = 0,
    byteOffset: Int64 = 0, maximumEventTime: Int64? = nil, isDone: Bool = false
  ) {
    self.id = id
    self.topic = topic
    self.partition = partition
    self.byteCount = byteCount
    self.checksum = checksum
    self.nextOffset = nextOffset
    self.byteOffset = byteOffset
    self.maximumEventTime = maximumEventTime
    self.isDone = isDone
  }

  public func write(to writer: inout ByteWriter) {
    writer.writeSignedVarint(Int64(id))
    writer.write(topic)
    writer.writeSignedVarint(Int64(partition))
    writer.writeSignedVarint(byteCount)
    writer.write(checksum)
    writer.writeSignedVarint(nextOffset)
    writer.writeSignedVarint(byteOffset)
    writer.write(maximumEventTime != nil)
    writer.writeSignedVarint(maximumEventTime ?? 0)
    writer.write(isDone)
    for count in [received, accepted, duplicates, deadLetters, waiting] { writer.writeSignedVarint(count) }
    writer.write(counts: reasons)
    writer.write(counts: counters)
  }

  public init(from reader: inout ByteReader) throws(CorruptionError) {
    id = Int(try reader.readSignedVarint())
    topic = try reader.readText()
    partition = Int(try reader.readSignedVarint())
    byteCount = try reader.readSignedVarint()
    checksum = try reader.readUInt32()
    nextOffset = try reader.readSignedVarint()
    byteOffset = try reader.readSignedVarint()
    let hasMaximum = try reader.readBool()
    let maximum = try reader.readSignedVarint()
    maximumEventTime = hasMaximum ? maximum : nil
    isDone = try reader.readBool()
    received = try reader.readSignedVarint()
    accepted = try reader.readSignedVarint()
    duplicates = try reader.readSignedVarint()
    deadLetters = try reader.readSignedVarint()
    waiting = try reader.readSignedVarint()
    reasons = try reader.readCounts()
    counters = try reader.readCounts()
  }
}

extension ByteWriter {
  /// Named counts, in the order of their names, so that equal dictionaries are equal bytes.
  mutating func write(counts: [String: Int64]) {
    writeVarint(UInt64(counts.count))
    for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
      write(name)
      writeSignedVarint(count)
    }
  }
}

extension ByteReader {
  mutating func readCounts() throws(CorruptionError) -> [String: Int64] {
    var counts: [String: Int64] = [:]
    for _ in 0..<(try readCount(of: "counts", minimumBytes: 2)) {
      let name = try readText()
      counts[name] = try readSignedVarint()
    }
    return counts
  }
}
