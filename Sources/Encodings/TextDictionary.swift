internal import Columns
internal import Glibc

/// Texts of which many are equal: each distinct one once, and its number in place of it.
///
/// Numbers are given in the order of first sight, for the reasons of `IntegerDictionary`. A reader gets views of the
/// distinct texts: it copies none, however often they occur.
///
/// Stored: how many distinct ones there are (varint), these as a `TextSection`, the numbers as an `IntegerSection`.
struct TextDictionary {
  let distinctCount: Int
  /// The distinct texts as they are stored.
  let texts: [UInt8]
  /// For each row with a value the number of its text.
  let codes: [Int64]

  // MARK: Analyze

  /// The dictionary of the texts that are not null, `rowCount` in all; nil as soon as it is plain that nearly all
  /// are distinct.
  init?(_ parts: [StringColumn], rowCount: Int) {
    var builder = Builder(rowCount: rowCount)
    for part in parts { guard builder.append(part) else { return nil } }
    let distinct = builder.distinct
    var writer = ByteWriter(capacity: distinct.arena.count + 64)
    TextSection.write(distinct, to: &writer)
    (distinctCount, texts, codes) = (distinct.rowCount, writer.bytes, builder.codes)
  }

  /// Rows after which the share of distinct texts is looked at for the first time.
  private static let probeRows = 4096

  private struct Builder {
    private(set) var codes: [Int64] = []
    private var keys: [Key] = []
    private var views: [StringView] = []
    private let arena = ByteArena()
    private var table = CodeTable()
    private let rowCount: Int

    init(rowCount: Int) {
      self.rowCount = rowCount
      codes.reserveCapacity(rowCount)
    }

    var distinct: StringColumn { StringColumn(views: ColumnBuffer(views), arena: arena) }

    /// Adds the texts of `part`; false where a dictionary does not pay.
    mutating func append(_ part: StringColumn) -> Bool {
      let all = part.views.span
      // `TextSummary` found every view inside its arena, behind which eight bytes more are readable.
      let base = unsafe UnsafeRawPointer(part.arena.base)
      for row in all.indices where !all[row].isNull {
        let view = all[row]
        let key = unsafe Key(base + Int(view.offset), length: Int(view.length))
        if let last = codes.last, key.isWhole, keys[Int(last)] == key {
          codes.append(last)
          continue
        }
        let code = unsafe table.code(of: key.hash(base + Int(view.offset))) { code in
          unsafe keys[code] == key
            && (key.isWhole
              || memcmp(arena.base + Int(views[code].offset), base + Int(view.offset), Int(view.length)) == 0)
        }
        if code == keys.count {
          keys.append(key)
          views.append(arena.append(view, of: part.arena))
        }
        codes.append(Int64(code))
        if code + 1 == keys.count, !isWorthwhile { return false }
      }
      return true
    }

    private var isWorthwhile: Bool {
      !table.isCrowded && 4 * keys.count <= 3 * rowCount
        && (codes.count < probeRows || 10 * keys.count <= 9 * codes.count)
    }
  }

  /// The first and the last eight bytes of a text and its length, which is all of it up to sixteen bytes.
  private struct Key: Equatable {
    let first: UInt64
    let last: UInt64
    let length: Int

    /// Reads eight bytes at `text` even where it is shorter.
    @unsafe init(_ text: UnsafeRawPointer, length: Int) {
      let word = unsafe text.loadUnaligned(as: UInt64.self)
      first = length >= 8 ? word : word & ~(UInt64.max &<< UInt64(8 * length))
      last = length > 8 ? unsafe text.loadUnaligned(fromByteOffset: length - 8, as: UInt64.self) : 0
      self.length = length
    }

    var isWhole: Bool { length <= 16 }

    /// The hash of the text at `text`, of which this is the key.
    @unsafe func hash(_ text: UnsafeRawPointer) -> UInt64 {
      var hash = CodeTable.mix(first ^ UInt64(length) &<< 56) ^ last
      for offset in stride(from: 8, to: length - 8, by: 8) {
        hash = unsafe (hash ^ text.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash &>> 32
      }
      return CodeTable.mix(hash)
    }
  }

  // MARK: Encode

  /// The bytes that `write` will write, as far as a sample of the codes tells.
  func cost(_ codec: PageCodec) -> Double {
    Double(Compression.estimate(texts.span, codec)) + IntegerSection.cost(ofCodes: codes.span, codec, depth: 0)
  }

  func write(_ codec: PageCodec, to writer: inout ByteWriter) {
    writer.writeVarint(UInt64(distinctCount))
    writer.writeRaw(texts.span)
    IntegerSection.write(codes.span, codec, depth: 1, areCodes: true, to: &writer)
  }

  // MARK: Decode

  static func read(_ reader: inout PageReader, count: Int) throws(CorruptionError) -> StringColumn {
    let distinctCount = try reader.readCount(of: "distinct texts", atMost: count)
    let distinct = try TextSection.read(&reader, count: distinctCount)
    let codes = try CodeSection.read(&reader, count: count, below: distinctCount, depth: 0)
    let views = unsafe ColumnBuffer<StringView>(unclearedCapacity: count)
    // Rows stay below the buffers' counts, codes below that of `distinct`.
    let (source, known, target) = unsafe (codes.base, distinct.views.base, views.base)
    for row in 0..<count { unsafe target[row] = known[Int(source[row])] }
    views.seal(count: count)
    return StringColumn(
      views: views, arena: distinct.arena, distinct: DistinctTexts(views: distinct.views, codes: codes))
  }

  /// The numbers alone, and how many texts there are.
  static func readCodes(
    _ reader: inout PageReader, count: Int
  ) throws(CorruptionError) -> (codes: ColumnBuffer<UInt32>, distinctCount: Int) {
    let distinctCount = try reader.readCount(of: "distinct texts", atMost: count)
    _ = try TextFetch(&reader, count: distinctCount)
    return (try CodeSection.read(&reader, count: count, below: distinctCount, depth: 0), distinctCount)
  }
}
