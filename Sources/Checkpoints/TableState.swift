public import ColdStore
public import Columns
public import Encodings

/// The part of a tail that a commit names.
public struct TailReference: Sendable, Equatable {
  /// Relative to the data directory.
  public var path: String
  /// Bytes that count; what is behind them never happened.
  public var validLength: Int
  public var rowCount: Int

  public init(path: String, validLength: Int, rowCount: Int) {
    self.path = path
    self.validLength = validLength
    self.rowCount = rowCount
  }
}

/// A table at a commit: its segments, its tail, and which of their rows are no longer visible.
public struct TableState: Sendable, Equatable {
  public var name: String
  public var schema: Schema
  public var segments: [SegmentReference]
  public var tail: TailReference?
  /// By the path of the segment or tail.
  public var deletions: [String: DeletionVector]
  /// Rows that the table was ever given: the sequence number of the next one.
  public var nextSequence: Int64

  public init(
    name: String, schema: Schema, segments: [SegmentReference] = [], tail: TailReference? = nil,
    deletions: [String: DeletionVector] = [:], nextSequence: Int64 = 0
  ) {
    self.name = name
    self.schema = schema
    self.segments = segments
    self.tail = tail
    self.deletions = deletions
    self.nextSequence = nextSequence
  }

  /// The files of the table, relative to the data directory.
  public var paths: [String] { segments.map(\.path) + (tail.map { [$0.path] } ?? []) }

  public func write(to writer: inout ByteWriter) {
    writer.write(name)
    writer.writeVarint(UInt64(schema.fields.count))
    for field in schema.fields {
      writer.write(field.name)
      writer.write(field.type.rawValue)
    }
    writer.writeVarint(UInt64(segments.count))
    for segment in segments { segment.write(to: &writer) }
    writer.write(tail != nil)
    if let tail {
      writer.write(tail.path)
      writer.writeVarint(UInt64(tail.validLength))
      writer.writeVarint(UInt64(tail.rowCount))
    }
    writer.writeVarint(UInt64(deletions.count))
    for (path, rows) in deletions.sorted(by: { $0.key < $1.key }) {
      writer.write(path)
      rows.write(to: &writer)
    }
    writer.writeSignedVarint(nextSequence)
  }

  public init(from reader: inout ByteReader) throws(CorruptionError) {
    name = try reader.readText()
    schema = try TableState.readSchema(&reader)
    segments = []
    for _ in 0..<(try reader.readCount(of: "segments", minimumBytes: 8)) {
      segments.append(try SegmentReference(from: &reader))
    }
    tail = nil
    if try reader.readBool() {
      tail = TailReference(
        path: try reader.readText(), validLength: try reader.readNumber(), rowCount: try reader.readNumber())
    }
    deletions = [:]
    for _ in 0..<(try reader.readCount(of: "deletion vectors", minimumBytes: 2)) {
      let path = try reader.readText()
      deletions[path] = try DeletionVector(from: &reader)
    }
    nextSequence = try reader.readSignedVarint()
  }

  private static func readSchema(_ reader: inout ByteReader) throws(CorruptionError) -> Schema {
    var fields: [Field] = []
    var names: Set<String> = []
    for _ in 0..<(try reader.readCount(of: "columns", minimumBytes: 2)) {
      let name = try reader.readText()
      guard let type = ColumnType(rawValue: try reader.readUInt8()), names.insert(name).inserted else {
        throw CorruptionError("column \(name) has an unknown type or is declared twice", offset: reader.offset)
      }
      fields.append(Field(name, type))
    }
    return Schema(fields)
  }
}
