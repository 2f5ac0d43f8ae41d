import Encodings

/// What a structure of Thrift's compact protocol says, read without knowing its fields.
enum ThriftValue: Equatable {
  case boolean(Bool)
  case number(Int64)
  case bytes([UInt8])
  case list([ThriftValue])
  case structure([Int: ThriftValue])

  struct Unreadable: Error {}

  /// The structure that `reader` is at.
  init(from reader: inout ByteReader) throws {
    var fields: [Int: ThriftValue] = [:]
    var number = 0
    while true {
      let header = try reader.readUInt8()
      if header == 0 { break }
      number = header >> 4 == 0 ? Int(try reader.readSignedVarint()) : number + Int(header >> 4)
      fields[number] = try ThriftValue(kind: header & 15, &reader)
    }
    self = .structure(fields)
  }

  private init(kind: UInt8, _ reader: inout ByteReader) throws {
    switch kind {
    case 1, 2: self = .boolean(kind == 1)
    case 3: self = .number(Int64(Int8(bitPattern: try reader.readUInt8())))
    case 4, 5, 6: self = .number(try reader.readSignedVarint())
    case 8: self = .bytes(try reader.readBytes())
    case 9:
      let header = try reader.readUInt8()
      let count = header >> 4 == 15 ? Int(try reader.readVarint()) : Int(header >> 4)
      self = .list(try (0..<count).map { _ in try ThriftValue(kind: header & 15, &reader) })
    case 12: self = try ThriftValue(from: &reader)
    default: throw Unreadable()
    }
  }

  subscript(_ field: Int) -> ThriftValue? { if case .structure(let fields) = self { fields[field] } else { nil } }
  var number: Int? { if case .number(let number) = self { Int(number) } else { nil } }
  var bytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }
  var text: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
  var elements: [ThriftValue] { if case .list(let elements) = self { elements } else { [] } }
}
