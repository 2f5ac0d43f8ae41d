internal import Columns
internal import Glibc

/// Texts side by side, without what all begin with, behind their lengths.
///
/// Stored: the length of the shared beginning (1 byte, at most eight), this, what is left of each text's length as an
/// `IntegerSection`, what is left of the texts.
enum PackedText {
  /// As much as a zone map knows of what all texts begin with.
  static let maximumPrefixLength = 8

  // MARK: Analyze

  /// How many bytes all texts begin with, by the smallest and the largest of their `ZoneMap.prefix`.
  static func prefixLength(_ minimum: UInt64, _ maximum: UInt64, shortest: Int) -> Int {
    min((minimum ^ maximum).leadingZeroBitCount / 8, shortest, maximumPrefixLength)
  }

  // MARK: Encode

  /// Writes the texts that are not null, all of which begin with the same `prefixLength` bytes.
  static func write(_ parts: [StringColumn], prefixLength: Int, _ codec: PageCodec, to writer: inout ByteWriter) {
    var lengths: [Int64] = []
    var byteCount = 0
    var prefix: [UInt8] = []
    for part in parts {
      let views = part.views.span
      for row in views.indices where !views[row].isNull {
        if lengths.isEmpty { prefix = Array([UInt8](copying: part.bytes(row)).prefix(prefixLength)) }
        lengths.append(Int64(Int(views[row].length) - prefix.count))
        byteCount += Int(views[row].length) - prefix.count
      }
    }
    writer.write(UInt8(prefix.count))
    writer.writeRaw(prefix.span)
    IntegerSection.write(lengths.span, codec, depth: 1, to: &writer)
    let texts = ByteArena(capacity: byteCount)
    for part in parts {
      let views = part.views.span
      for row in views.indices where !views[row].isNull {
        let view = views[row]
        let rest = StringView(
          offset: view.offset + UInt32(prefix.count), length: view.length - Int32(prefix.count))
        _ = texts.append(rest, of: part.arena)
      }
    }
    writer.writeRaw(texts.span)
  }

  // MARK: Decode

  static func read(_ reader: inout PageReader, count: Int) throws(CorruptionError) -> StringColumn {
    let places = try Places(&reader, count: count)
    let prefixLength = Int(places.prefix.length)
    guard reader.page.count + count * prefixLength <= Int(UInt32.max) - ByteArena.padding else {
      throw CorruptionError("a page of text passes 4 GiB")
    }
    return prefixLength == 0
      ? views(places.lengths, places.start, in: reader.page)
      : joined(places.lengths, places.start, Int(places.prefix.offset), prefixLength, in: reader.page)
  }

  /// Where the texts of a section lie.
  struct Places {
    private let page: ByteArena
    /// What all begin with.
    fileprivate let prefix: StringView
    /// What is left of each text's length; all are found inside the page.
    fileprivate let lengths: ColumnBuffer<Int64>
    fileprivate let start: Int

    /// Passes over a section of `count` texts. O(count).
    init(_ reader: inout PageReader, count: Int) throws(CorruptionError) {
      let prefixLength = Int(try reader.readUInt8())
      guard prefixLength <= maximumPrefixLength else {
        throw CorruptionError("texts share \(prefixLength) bytes, which is too much")
      }
      let prefixStart = try reader.pass(over: prefixLength, of: "what texts begin with")
      let lengths = try IntegerSection.read(&reader, count: count, depth: 1)
      var total = 0
      for row in 0..<count {
        guard lengths[row] >= 0, lengths[row] <= reader.remaining - total else {
          throw CorruptionError("text \(row) runs over the end of its page")
        }
        total += Int(lengths[row])
      }
      let start = try reader.pass(over: total, of: "text")
      (page, self.lengths, self.start) = (reader.page, lengths, start)
      prefix = StringView(offset: UInt32(prefixStart), length: Int32(prefixLength))
    }

    // MARK: Fetch

    /// The texts of `rows`, in their order; each is below the count, which is a precondition. O(count).
    func texts(_ rows: [UInt32]) -> StringColumn {
      var end = start
      let starts = (0..<lengths.count).map { row in
        defer { end += Int(lengths[row]) }
        return end
      }
      let arena = ByteArena()
      let views = rows.map { row in
        let view = arena.append(prefix, of: page)
        let rest = StringView(offset: UInt32(starts[Int(row)]), length: Int32(lengths[Int(row)]))
        _ = arena.append(rest, of: page)
        return StringView(offset: view.offset, length: prefix.length + rest.length)
      }
      return StringColumn(views: ColumnBuffer(views), arena: arena)
    }

    /// The positions of the texts that are among `wanted`. O(count).
    func rows(of wanted: [[UInt8]]) -> [UInt32] {
      let first = Int(prefix.offset)
      let beginning = [UInt8](copying: page.span.extracting(first..<first + Int(prefix.length)))
      let rests = wanted.filter { $0.starts(with: beginning) }.map { $0.dropFirst(beginning.count) }
      guard !rests.isEmpty else { return [] }
      let lengths = lengths.span
      var rows: [UInt32] = []
      var end = start
      for row in lengths.indices {
        let length = Int(lengths[row])
        for rest in rests where rest.count == length {
          // The texts of all rows were found inside the page.
          let isEqual = unsafe rest.withUnsafeBytes { rest in
            guard let first = rest.baseAddress else { return true }
            return unsafe memcmp(page.base + end, first, length) == 0
          }
          guard isEqual else { continue }
          rows.append(UInt32(row))
          break
        }
        end += length
      }
      return rows
    }
  }

  /// Views of the page itself.
  private static func views(_ lengths: ColumnBuffer<Int64>, _ start: Int, in page: ByteArena) -> StringColumn {
    let views = unsafe ColumnBuffer<StringView>(unclearedCapacity: lengths.count)
    var end = start
    for row in 0..<lengths.count {
      // The caller found all texts inside the page, which has less than 4 GiB.
      let length = unsafe lengths.base[row]
      unsafe views.base[row] = StringView(offset: UInt32(end), length: Int32(length))
      end += Int(length)
    }
    views.seal(count: lengths.count)
    return StringColumn(views: views, arena: page)
  }

  /// The texts with the beginning back in front of each.
  private static func joined(
    _ lengths: ColumnBuffer<Int64>, _ start: Int, _ prefixStart: Int, _ prefixLength: Int, in page: ByteArena
  ) -> StringColumn {
    let views = unsafe ColumnBuffer<StringView>(unclearedCapacity: lengths.count)
    var total = 0
    for row in 0..<lengths.count { total += Int(lengths[row]) + prefixLength }
    let arena = ByteArena(capacity: total)
    let prefix = StringView(offset: UInt32(prefixStart), length: Int32(prefixLength))
    var end = start
    for row in 0..<lengths.count {
      let length = Int(lengths[row])
      let view = arena.append(prefix, of: page)
      _ = arena.append(StringView(offset: UInt32(end), length: Int32(length)), of: page)
      end += length
      // The buffer has a place for each length.
      unsafe views.base[row] = StringView(offset: view.offset, length: Int32(prefixLength + length))
    }
    views.seal(count: lengths.count)
    return StringColumn(views: views, arena: arena)
  }
}
