internal import Columns

/// Where wanted values stand in a section of integers, without making all of them where the encoding allows.
///
/// It mirrors the sections as they nest: of runs their values are compared, of a dictionary its distinct values and
/// then codes; what is left is read and compared.
enum IntegerSearch {
  /// The positions, ascending, of the values of a section that are among `wanted`, which ascend; the section begins
  /// with its encoding. Where none can be there, the reader may stay in front of the end of the section.
  static func positions(
    of wanted: [Int64], _ reader: inout PageReader, count: Int, depth: Int
  ) throws(CorruptionError) -> [UInt32] {
    let start = reader.offset
    guard let encoding = PageEncoding(rawValue: try reader.readUInt8()) else {
      throw CorruptionError("numbers have an unknown encoding", offset: start)
    }
    guard depth < IntegerSection.maximumDepth else {
      throw CorruptionError("encodings are nested too deep", offset: reader.offset)
    }
    switch encoding {
    case .runLength:
      let (values, lengths) = try RunLength.readRuns(&reader, count: count, depth: depth)
      return ranges(of: positions(of: wanted, in: values.span), lengths)
    case .dictionary:
      let distinctCount = try reader.readCount(of: "distinct values", atMost: count)
      let codes = try positions(of: wanted, &reader, count: distinctCount, depth: depth + 1).map(Int64.init)
      return codes.isEmpty ? [] : try positions(of: codes, &reader, count: count, depth: depth + 1)
    default:
      let values = try IntegerSection.read(&reader, as: encoding, count: count, depth: depth)
      return positions(of: wanted, in: values.span)
    }
  }

  /// The positions of all values of the runs at `found`.
  private static func ranges(of found: [UInt32], _ lengths: ColumnBuffer<Int64>) -> [UInt32] {
    var positions: [UInt32] = []
    var (run, row) = (0, 0)
    for next in found.map(Int.init) {
      while run < next { (run, row) = (run + 1, row + Int(lengths[run])) }
      positions += (0..<Int(lengths[run])).map { UInt32(row + $0) }
    }
    return positions
  }

  /// Values of which it is asked at once whether one may be wanted: most stretches have none.
  private static let stretch = 64

  /// The positions of those of `values` that are among `wanted`, which ascend.
  private static func positions(of wanted: [Int64], in values: Span<Int64>) -> [UInt32] {
    guard let least = wanted.first, let greatest = wanted.last else { return [] }
    var positions: [UInt32] = []
    for start in stride(from: 0, to: values.count, by: stretch) {
      let range = start..<min(start + stretch, values.count)
      var mayHold = false
      for index in range {
        let value = values[index]
        mayHold = mayHold || (least <= value && value <= greatest)
      }
      guard mayHold else { continue }
      for index in range where contains(values[index], wanted) { positions.append(UInt32(index)) }
    }
    return positions
  }

  private static func contains(_ value: Int64, _ wanted: [Int64]) -> Bool {
    var (low, high) = (0, wanted.count)
    while low < high {
      let middle = (low + high) / 2
      if wanted[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low < wanted.count && wanted[low] == value
  }
}
