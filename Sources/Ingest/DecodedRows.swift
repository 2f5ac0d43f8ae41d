internal import Columns

/// The columns of a batch while a decoder fills them, and what it keeps beside them.
@safe struct DecodedRows {
  /// The memory of one column, by the width of its values.
  private enum Buffer {
    case integers(ColumnBuffer<Int64>)
    case reals(ColumnBuffer<Double>)
    case booleans(ColumnBuffer<UInt8>)
    case views(ColumnBuffer<StringView>)
  }

  private let plan: DecodePlan
  private let buffers: [Buffer]
  /// The first cell of each field. Invariant: valid while `buffers` lives; rows stay below the capacity.
  let cells: [UnsafeMutableRawPointer]
  private let offsets: ColumnBuffer<Int64>
  private let types: ColumnBuffer<UInt8>
  private let hashes: ColumnBuffer<UInt64>
  /// Which fields of each row hold a value, one bit a field.
  private let valid: ColumnBuffer<UInt64>
  private(set) var count = 0
  private var decimalsRounded = 0

  init(_ plan: DecodePlan, capacity: Int) {
    self.plan = plan
    let buffers = plan.shape.schema.fields.map { field -> Buffer in
      switch field.type {
      case .integer, .time, .decimal: .integers(ColumnBuffer(capacity: capacity))
      case .real: .reals(ColumnBuffer(capacity: capacity))
      case .boolean: .booleans(ColumnBuffer(capacity: capacity))
      case .string, .binary: .views(ColumnBuffer(capacity: capacity))
      }
    }
    self.buffers = buffers
    unsafe cells = plan.columns.map { column in
      switch buffers[column] {
      case .integers(let buffer): unsafe UnsafeMutableRawPointer(buffer.base)
      case .reals(let buffer): unsafe UnsafeMutableRawPointer(buffer.base)
      case .booleans(let buffer): unsafe UnsafeMutableRawPointer(buffer.base)
      case .views(let buffer): unsafe UnsafeMutableRawPointer(buffer.base)
      }
    }
    offsets = ColumnBuffer(capacity: capacity)
    types = ColumnBuffer(capacity: capacity)
    hashes = ColumnBuffer(capacity: capacity)
    valid = ColumnBuffer(capacity: capacity)
  }

  /// Keeps the row that the parser has filled; `base` is the arena's first byte.
  @inline(__always)
  mutating func accept(_ message: MessageRange, _ type: UInt8, _ states: FieldStates, _ base: UnsafePointer<UInt8>) {
    unsafe offsets.base[count] = message.logOffset
    unsafe types.base[count] = type
    unsafe hashes.base[count] = unsafe Hash.hash64(base + Int(message.offset), Int(message.length))
    unsafe valid.base[count] = states.valid
    if states.rounded != 0 { decimalsRounded += states.rounded.nonzeroBitCount }
    count += 1
  }

  /// The finished batch and what goes with it.
  func finish(arena: ByteArena, source: Int64, rejects: [Reject]) -> DecodedMessages {
    offsets.seal(count: count)
    types.seal(count: count)
    hashes.seal(count: count)
    valid.seal(count: count)
    let fields = plan.shape.schema.fields
    var validity: [Int: ValidityBitmap] = [:]
    for (field, column) in plan.columns.enumerated() where plan.textFields & 1 << UInt64(field) == 0 {
      validity[column] = bitmap(field)
    }
    let columns = buffers.enumerated().map { column, buffer -> Column in
      switch buffer {
      case .integers(let values):
        if fields[column].name == plan.shape.sourceColumn {
          for row in 0..<count { unsafe values.base[row] = source }
        } else if fields[column].name == plan.shape.offsetColumn {
          for row in 0..<count { unsafe values.base[row] = offsets[row] }
        }
        values.seal(count: count)
        return .integer(FixedColumn(values: values, validity: validity[column]))
      case .reals(let values):
        values.seal(count: count)
        return .real(FixedColumn(values: values, validity: validity[column]))
      case .booleans(let values):
        values.seal(count: count)
        return .boolean(FixedColumn(values: values, validity: validity[column]))
      case .views(let views):
        views.seal(count: count)
        return .string(StringColumn(views: views, arena: arena))
      }
    }
    return DecodedMessages(
      batch: Batch(schema: plan.shape.schema, rowCount: count, columns: columns), offsets: offsets, types: types,
      contentHash: hashes, rejects: rejects, decimalsRounded: decimalsRounded)
  }

  /// The rows in which `field` holds a value; nil where all do.
  private func bitmap(_ field: Int) -> ValidityBitmap? {
    let words = ColumnBuffer<UInt64>(capacity: ValidityBitmap.wordCount(rowCount: count))
    var all: UInt64 = 1
    for row in 0..<count {
      let bit = unsafe valid.base[row] >> UInt64(field) & 1
      unsafe words.base[row >> 6] |= bit << UInt64(row & 63)
      all &= bit
    }
    if all == 1 { return nil }
    words.seal(count: words.capacity)
    return ValidityBitmap(words: words, rowCount: count)
  }
}
