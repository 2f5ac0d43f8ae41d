internal import Encodings

/// Thrift's compact protocol, as far as Parquet's metadata needs it: structures of numbered fields.
///
/// A field is written as the difference to the field before, so fields come in ascending order.
struct ThriftWriter {
  /// The types of fields and elements, as the protocol numbers them.
  enum Kind: UInt8 {
    case yes = 1
    case no = 2
    case byte = 3
    case int16 = 4
    case int32 = 5
    case int64 = 6
    case binary = 8
    case list = 9
    case structure = 12
  }

  private var writer = ByteWriter()
  /// The number of the field before, in the structure that is open.
  private var previousField: Int16 = 0

  private init() {}

  /// A structure that nothing encloses.
  static func structure(_ fields: (inout ThriftWriter) -> Void) -> [UInt8] {
    var thrift = ThriftWriter()
    thrift.nest(fields)
    return thrift.writer.bytes
  }

  // MARK: Fields

  mutating func write(_ field: Int16, _ value: Bool) { open(field, value ? .yes : .no) }

  mutating func write(_ field: Int16, byte value: Int8) {
    open(field, .byte)
    writer.write(UInt8(bitPattern: value))
  }

  mutating func write(_ field: Int16, _ value: Int16) {
    open(field, .int16)
    writer.writeSignedVarint(Int64(value))
  }

  mutating func write(_ field: Int16, _ value: Int32) {
    open(field, .int32)
    writer.writeSignedVarint(Int64(value))
  }

  mutating func write(_ field: Int16, _ value: Int64) {
    open(field, .int64)
    writer.writeSignedVarint(value)
  }

  mutating func write(_ field: Int16, _ text: String) { write(field, Array(text.utf8)) }

  mutating func write(_ field: Int16, _ bytes: [UInt8]) {
    open(field, .binary)
    writer.write(bytes: bytes)
  }

  mutating func write(_ field: Int16, _ fields: (inout ThriftWriter) -> Void) {
    open(field, .structure)
    nest(fields)
  }

  /// A structure without fields: how a union says which of its cases it is.
  mutating func writeEmpty(_ field: Int16) { write(field) { _ in } }

  mutating func write(_ field: Int16, _ numbers: [Int32]) {
    open(field, .list)
    openList(.int32, numbers.count)
    for number in numbers { writer.writeSignedVarint(Int64(number)) }
  }

  mutating func write(_ field: Int16, _ texts: [String]) {
    open(field, .list)
    openList(.binary, texts.count)
    for text in texts { writer.write(bytes: Array(text.utf8)) }
  }

  /// A list of structures, one for each of `elements`.
  mutating func write<Element>(
    _ field: Int16, _ elements: [Element], _ fields: (inout ThriftWriter, Element) -> Void
  ) {
    open(field, .list)
    openList(.structure, elements.count)
    for element in elements { nest { fields(&$0, element) } }
  }

  // MARK: Framing

  private mutating func open(_ field: Int16, _ kind: Kind) {
    precondition(field > previousField, "fields of a structure ascend")
    let difference = field - previousField
    if difference <= 15 {
      writer.write(UInt8(difference) << 4 | kind.rawValue)
    } else {
      writer.write(kind.rawValue)
      writer.writeSignedVarint(Int64(field))
    }
    previousField = field
  }

  private mutating func openList(_ kind: Kind, _ count: Int) {
    if count < 15 {
      writer.write(UInt8(count) << 4 | kind.rawValue)
    } else {
      writer.write(0xF0 | kind.rawValue)
      writer.writeVarint(UInt64(count))
    }
  }

  private mutating func nest(_ fields: (inout ThriftWriter) -> Void) {
    let outer = previousField
    previousField = 0
    fields(&self)
    writer.write(UInt8(0))
    previousField = outer
  }
}
