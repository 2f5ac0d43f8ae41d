internal import Encodings

extension ByteWriter {
  /// The bytes alone, of an array that has no name.
  mutating func append(_ bytes: [UInt8]) { writeRaw(bytes.span) }
}
