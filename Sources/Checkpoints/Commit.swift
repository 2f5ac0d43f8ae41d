internal import Columns
public import Encodings

/// Everything that becomes true together: positions of sources, operator state, files of tables.
public struct Commit: Sendable, Equatable {
  package static let magic = Array("RFLCMT06".utf8)

  /// One more than that of the commit before.
  public var epoch: UInt64
  /// One more after each fall-back to an older commit.
  public var incarnation: UInt64
  public var configurationHash: UInt64
  /// The parts of the configuration that must not change, as text.
  public var configuration: String
  /// Wall-clock time at which it was written, milliseconds since 1970; 0 where nobody said.
  public var committedMilliseconds: Int64 = 0
  /// Event time up to which all sources were read, milliseconds.
  public var watermark: Int64
  /// Event time up to which windows are sealed, milliseconds.
  public var sealedThrough: Int64
  public var sources: [SourceState] = []
  public var tables: [TableState] = []
  /// By the operator's name: the whole state as it once was, then the changes since, in order; or the parts of a log.
  ///
  /// `CommitLog.write` adds what it is given.
  public var operatorStates: [String: [OperatorState]] = [:]
  public var counters: [String: Int64] = [:]
  /// What was delivered to topics, in the order of their names.
  public var outbox: [OutboxCursor] = []

  public init(
    epoch: UInt64, incarnation: UInt64 = 0, configurationHash: UInt64 = 0, configuration: String = "",
    watermark: Int64 = .min, sealedThrough: Int64 = .min
  ) {
    self.epoch = epoch
    self.incarnation = incarnation
    self.configurationHash = configurationHash
    self.configuration = configuration
    self.watermark = watermark
    self.sealedThrough = sealedThrough
  }

  /// The watermark; nil before the first event and after the last.
  public var reachedWatermark: Int64? {
    [EventTime.distantPast, EventTime.distantFuture].contains(watermark) ? nil : watermark
  }

  /// Every file that the commit names, relative to the data directory.
  public var paths: Set<String> { statePaths.union(tables.flatMap(\.paths)) }

  /// Those of operators' states.
  var statePaths: Set<String> { Set(operatorStates.values.joined().map(\.path)) }

  // MARK: Stored form (README)

  /// Magic, fields, CRC32C of both.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.writeRaw(Commit.magic.span)
    writer.write(epoch)
    writer.write(incarnation)
    writer.write(configurationHash)
    writer.write(configuration)
    writer.write(committedMilliseconds)
    writer.write(watermark)
    writer.write(sealedThrough)
    writer.writeVarint(UInt64(sources.count))
    for source in sources { source.write(to: &writer) }
    writer.writeVarint(UInt64(tables.count))
    for table in tables { table.write(to: &writer) }
    writer.writeVarint(UInt64(operatorStates.count))
    for (name, parts) in operatorStates.sorted(by: { $0.key < $1.key }) {
      writer.write(name)
      writer.writeVarint(UInt64(parts.count))
      for part in parts { part.write(to: &writer) }
    }
    writer.write(counts: counters)
    writer.writeVarint(UInt64(outbox.count))
    for cursor in outbox { cursor.write(to: &writer) }
    writer.write(writer.checksum())
    return writer.bytes
  }

  public init(_ bytes: [UInt8]) throws(CorruptionError) {
    guard bytes.starts(with: Commit.magic), bytes.count >= Commit.magic.count + 4 else {
      throw CorruptionError("this is not a commit", offset: 0)
    }
    var check = ByteReader(bytes.suffix(4))
    let (expected, actual) = (try check.readUInt32(), Checksum.crc32c(Array(bytes.dropLast(4))))
    guard expected == actual else { throw CorruptionError("the checksum is \(actual) instead of \(expected)") }
    var reader = ByteReader(bytes.dropFirst(Commit.magic.count).dropLast(4))
    epoch = try reader.readUInt64()
    incarnation = try reader.readUInt64()
    configurationHash = try reader.readUInt64()
    configuration = try reader.readText()
    committedMilliseconds = try reader.readInt64()
    watermark = try reader.readInt64()
    sealedThrough = try reader.readInt64()
    for _ in 0..<(try reader.readCount(of: "sources", minimumBytes: 16)) {
      sources.append(try SourceState(from: &reader))
    }
    for _ in 0..<(try reader.readCount(of: "tables", minimumBytes: 5)) { tables.append(try TableState(from: &reader)) }
    for _ in 0..<(try reader.readCount(of: "operator states", minimumBytes: 2)) {
      let name = try reader.readText()
      for _ in 0..<(try reader.readCount(of: "parts of a state", minimumBytes: 8)) {
        operatorStates[name, default: []].append(try OperatorState(from: &reader))
      }
    }
    counters = try reader.readCounts()
    for _ in 0..<(try reader.readCount(of: "outbox cursors", minimumBytes: 3)) {
      outbox.append(try OutboxCursor(from: &reader))
    }
    guard reader.isAtEnd else { throw CorruptionError("a commit has bytes too many", offset: reader.offset) }
  }
}
