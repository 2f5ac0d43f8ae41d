internal import Columns

/// Integers in whatever encoding takes the fewest bytes: pages of numbers, and the parts of other encodings that are
/// numbers (codes, lengths, runs).
///
/// Stored: the encoding (1 byte), and what that encoding stores. How many values there are is known elsewhere. Sections
/// nest: a dictionary's codes may be runs, whose lengths are packed.
///
/// **Choice.** Each candidate encodes a sample of up to four (for Zstandard sixteen) stretches of 1,024 neighbours, and
/// what the codec makes of it counts; a dictionary, whose size a sample cannot tell, is made of all values. A candidate
/// must be at least 2 % smaller to be preferred to one that is simpler to read.
enum IntegerSection {
  /// How deep sections nest at most: what a reader must bear.
  static let maximumDepth = 6
  /// Fewer values are stored plainly: there is nothing to gain.
  private static let worthwhileCount = 16

  // MARK: Encode

  /// `areCodes`: they are the codes of a dictionary, so that another one would gain nothing.
  static func write(
    _ values: Span<Int64>, _ codec: PageCodec, depth: Int, areCodes: Bool = false, to writer: inout ByteWriter
  ) {
    let (encoding, body) = encode(values, codec, depth: depth, areCodes: areCodes)
    writer.write(encoding.rawValue)
    writer.writeRaw(body.span)
  }

  /// The encoding chosen for `values`, and their bytes in it.
  static func encode(
    _ values: Span<Int64>, _ codec: PageCodec, depth: Int = 0, areCodes: Bool = false
  ) -> (PageEncoding, [UInt8]) {
    var writer = ByteWriter(capacity: values.count)
    guard values.count >= worthwhileCount, depth < maximumDepth - 1 else {
      let encoding = PageEncoding.plain
      write(values, as: encoding, codec, depth: depth, to: &writer)
      return (encoding, writer.bytes)
    }
    if depth == 0, case let exponent = Scaled.exponent(values), exponent > 0 {
      Scaled.write(values, exponent: exponent, codec, depth: depth, to: &writer)
      return (.scaled, writer.bytes)
    }
    let sample = Sample(values, codec)
    var best = (encoding: PageEncoding.plain, cost: sample.cost(.plain, depth: depth))
    for encoding in candidates(sample.values.span, codec, depth: depth) {
      let cost = sample.cost(encoding, depth: depth)
      if cost < best.cost * 0.98 { best = (encoding, cost) }
    }
    if depth < 2, !areCodes, let dictionary = dictionary(values, sample) {
      let cost = sample.cost(dictionary, depth: depth)
      if cost < best.cost * 0.98 {
        dictionary.write(codec, depth: depth, to: &writer)
        return (.dictionary, writer.bytes)
      }
    }
    write(values, as: best.encoding, codec, depth: depth, to: &writer)
    return (best.encoding, writer.bytes)
  }

  /// What is worth trying, simplest to read first.
  private static func candidates(_ sample: Span<Int64>, _ codec: PageCodec, depth: Int) -> [PageEncoding] {
    var encodings: [PageEncoding] = [.frameOfReference, .delta, .deltaOfDelta]
    if codec == .zstd { encodings += [.bytePlanes, .deltaPlanes] }
    if depth < 3, 2 * RunLength.runCount(sample) < sample.count { encodings.append(.runLength) }
    return encodings
  }

  /// The dictionary of `values`, where the sample says that it may pay.
  private static func dictionary(_ values: Span<Int64>, _ sample: Sample) -> IntegerDictionary? {
    guard FrameOfReference.Frame(of: values).width > 2, IntegerDictionary(sample.values.span) != nil else { return nil }
    return IntegerDictionary(values)
  }

  /// The same in an encoding that somebody else chose; plainly where it is none that needs no more to be known.
  static func write(
    _ values: Span<Int64>, as encoding: PageEncoding, _ codec: PageCodec, depth: Int, to writer: inout ByteWriter
  ) {
    switch encoding {
    case .frameOfReference: FrameOfReference.write(values, to: &writer)
    case .delta: Delta.write(values, order: 1, to: &writer)
    case .deltaOfDelta: Delta.write(values, order: 2, to: &writer)
    case .bytePlanes: BytePlanes.write(values, to: &writer)
    case .deltaPlanes: Delta.writePlanes(values, to: &writer)
    case .runLength: RunLength.write(values, codec, depth: depth, to: &writer)
    default: unsafe values.withUnsafeBytes { unsafe writer.writeRaw($0) }
    }
  }

  /// Some stretches of a column, and what encodings make of them.
  struct Sample {
    let values: [Int64]
    private let codec: PageCodec
    /// Values of the column for each of the sample.
    private let scale: Double

    init(_ all: Span<Int64>, _ codec: PageCodec) {
      self.codec = codec
      let stretches = codec == .zstd ? 16 : 4
      let step = max(BitPacking.blockRows, all.count / stretches)
      var values: [Int64] = []
      for start in stride(from: 0, to: all.count, by: step) {
        let stretch = all.extracting(start..<min(start + BitPacking.blockRows, all.count))
        unsafe stretch.withUnsafeBufferPointer { unsafe values.append(contentsOf: $0) }
      }
      self.values = values
      scale = Double(all.count) / Double(max(values.count, 1))
    }

    /// The bytes of all values in `encoding`, by those of the sample.
    func cost(_ encoding: PageEncoding, depth: Int) -> Double {
      var writer = ByteWriter(capacity: values.count * 8)
      IntegerSection.write(values.span, as: encoding, codec, depth: depth, to: &writer)
      return Double(Compression.estimate(writer.bytes.span, codec)) * scale
    }

    /// The bytes of `dictionary`, the one of all values: its codes by a sample of them.
    func cost(_ dictionary: IntegerDictionary, depth: Int) -> Double {
      let values = IntegerSection.encode(dictionary.distinct.span, codec, depth: depth + 1).1
      return Double(Compression.estimate(values.span, codec))
        + IntegerSection.cost(ofCodes: dictionary.codes.span, codec, depth: depth)
    }
  }

  /// The bytes that the codes of a dictionary take, by a sample of them.
  static func cost(ofCodes codes: Span<Int64>, _ codec: PageCodec, depth: Int) -> Double {
    let sample = Sample(codes, codec)
    let candidates = candidates(sample.values.span, codec, depth: depth + 1)
    return candidates.map { sample.cost($0, depth: depth + 1) }.min() ?? 0
  }

  // MARK: Decode

  static func read(_ reader: inout PageReader, count: Int, depth: Int) throws(CorruptionError) -> ColumnBuffer<Int64> {
    let start = reader.offset
    guard let encoding = PageEncoding(rawValue: try reader.readUInt8()) else {
      throw CorruptionError("numbers have an unknown encoding", offset: start)
    }
    return try read(&reader, as: encoding, count: count, depth: depth)
  }

  /// The values whose encoding is known, as that of a page is.
  static func read(
    _ reader: inout PageReader, as encoding: PageEncoding, count: Int, depth: Int = 0
  ) throws(CorruptionError) -> ColumnBuffer<Int64> {
    guard depth < maximumDepth else { throw CorruptionError("encodings are nested too deep", offset: reader.offset) }
    return switch encoding {
    case .plain: try readPlain(&reader, count: count)
    case .frameOfReference: try FrameOfReference.read(&reader, count: count)
    case .delta: try Delta.read(&reader, order: 1, count: count)
    case .deltaOfDelta: try Delta.read(&reader, order: 2, count: count)
    case .dictionary: try IntegerDictionary.read(&reader, count: count, depth: depth)
    case .runLength: try RunLength.read(&reader, count: count, depth: depth)
    case .scaled: try Scaled.read(&reader, count: count, depth: depth)
    case .bytePlanes: try BytePlanes.read(&reader, count: count)
    case .deltaPlanes: try Delta.readPlanes(&reader, count: count)
    case .constant, .identifier, .text, .number, .determined, .composed:
      throw CorruptionError("numbers claim to be \(encoding)", offset: reader.offset)
    }
  }

  private static func readPlain(_ reader: inout PageReader, count: Int) throws(CorruptionError) -> ColumnBuffer<Int64> {
    let start = try reader.pass(over: count * 8, of: "numbers")
    let values = unsafe ColumnBuffer<Int64>(unclearedCapacity: count)
    // `pass` checked that the page holds as many bytes as the buffer.
    unsafe UnsafeMutableRawPointer(values.base).copyMemory(from: reader.page.base + start, byteCount: count * 8)
    values.seal(count: count)
    return values
  }
}
