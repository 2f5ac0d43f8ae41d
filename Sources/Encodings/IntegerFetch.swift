internal import Columns

/// A section of which a few values are wanted: where its parts lie, found without decoding them.
///
/// It mirrors the sections as they nest. What is packed, plain or in planes gives single values; differences give
/// blocks of 1,024; of runs the lengths are decoded, since there are few.
indirect enum IntegerFetch {
  case plain(ByteArena, start: Int)
  case packed(FrameOfReference.Blocks)
  case planes(BytePlanes.Planes)
  case delta(Delta.Blocks)
  case deltaPlanes(Delta.PlaneBlocks)
  case dictionary(distinct: IntegerFetch, distinctCount: Int, codes: IntegerFetch)
  case runs(values: IntegerFetch, ends: [Int])
  case scaled(power: Int64, IntegerFetch)
}

extension IntegerFetch {
  /// Passes over a section of `count` values that begins with its encoding.
  init(_ reader: inout PageReader, count: Int, depth: Int) throws(CorruptionError) {
    let start = reader.offset
    guard let encoding = PageEncoding(rawValue: try reader.readUInt8()) else {
      throw CorruptionError("numbers have an unknown encoding", offset: start)
    }
    try self.init(&reader, as: encoding, count: count, depth: depth)
  }

  /// The same where the encoding is known. O(blocks + runs).
  init(
    _ reader: inout PageReader, as encoding: PageEncoding, count: Int, depth: Int = 0
  ) throws(CorruptionError) {
    guard depth < IntegerSection.maximumDepth else {
      throw CorruptionError("encodings are nested too deep", offset: reader.offset)
    }
    switch encoding {
    case .plain: self = .plain(reader.page, start: try reader.pass(over: count * 8, of: "numbers"))
    case .frameOfReference: self = .packed(try FrameOfReference.Blocks(&reader, count: count))
    case .delta: self = .delta(try Delta.Blocks(&reader, order: 1, count: count))
    case .deltaOfDelta: self = .delta(try Delta.Blocks(&reader, order: 2, count: count))
    case .bytePlanes: self = .planes(try BytePlanes.Planes(&reader, count: count))
    case .deltaPlanes: self = .deltaPlanes(try Delta.PlaneBlocks(&reader, count: count))
    case .dictionary:
      let distinctCount = try reader.readCount(of: "distinct values", atMost: count)
      let distinct = try IntegerFetch(&reader, count: distinctCount, depth: depth + 1)
      self = .dictionary(
        distinct: distinct, distinctCount: distinctCount,
        codes: try IntegerFetch(&reader, count: count, depth: depth + 1))
    case .runLength:
      let runCount = try RunLength.readCount(&reader, count: count)
      let values = try IntegerFetch(&reader, count: runCount, depth: depth + 1)
      self = .runs(values: values, ends: try RunLength.readEnds(&reader, runCount, count: count, depth: depth))
    case .scaled:
      let power = try Scaled.readPower(&reader)
      self = .scaled(power: power, try IntegerFetch(&reader, count: count, depth: depth + 1))
    case .constant, .identifier, .text, .number, .determined, .composed:
      throw CorruptionError("numbers claim to be \(encoding)", offset: reader.offset)
    }
  }

  /// The values of `rows`, in their order; each is below the section's count, which is a precondition.
  /// O(rows), and O(1,024) for each block of differences that holds one.
  func values(_ rows: [UInt32]) throws(CorruptionError) -> [Int64] {
    switch self {
    case .plain(let page, let start):
      let bytes = page.span
      return rows.map { row in
        (0..<8).reduce(0) { $0 | Int64(bytes[start + 8 * Int(row) + $1]) << Int64(8 * $1) }
      }
    case .packed(let blocks): return rows.map { blocks.value(Int($0)) }
    case .planes(let planes): return rows.map { planes.value(Int($0)) }
    case .delta(let blocks): return IntegerFetch.values(rows, blocks.values)
    case .deltaPlanes(let blocks): return IntegerFetch.values(rows, blocks.values)
    case .dictionary(let distinct, let distinctCount, let codes):
      return try distinct.values(try IntegerFetch.codes(of: rows, codes, below: distinctCount))
    case .runs(let values, let ends): return try values.values(rows.map { IntegerFetch.run(of: Int($0), ends) })
    case .scaled(let power, let section):
      // Damage may make a product wrap around, which gives some value.
      return try section.values(rows).map { $0 &* power }
    }
  }

  /// The numbers that `rows` have in a dictionary of `limit` values.
  static func codes(of rows: [UInt32], _ codes: IntegerFetch, below limit: Int) throws(CorruptionError) -> [UInt32] {
    var found: [UInt32] = []
    for code in try codes.values(rows) {
      guard code >= 0, code < limit else {
        throw CorruptionError("a row has value \(UInt64(bitPattern: code)) of a dictionary of \(limit)")
      }
      found.append(UInt32(code))
    }
    return found
  }

  private static func values(_ rows: [UInt32], _ block: (Int) -> ColumnBuffer<Int64>) -> [Int64] {
    var decoded: [Int: ColumnBuffer<Int64>] = [:]
    var last: (block: Int, values: ColumnBuffer<Int64>)?
    return rows.map { row in
      let (index, position) = (Int(row) / BitPacking.blockRows, Int(row) % BitPacking.blockRows)
      if let last, last.block == index { return last.values[position] }
      let values = decoded[index] ?? block(index)
      decoded[index] = values
      last = (index, values)
      return values[position]
    }
  }

  /// The run that `row` is in, by where runs end.
  private static func run(of row: Int, _ ends: [Int]) -> UInt32 {
    var (low, high) = (0, ends.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if ends[middle] > row { high = middle } else { low = middle + 1 }
    }
    return UInt32(low)
  }
}
