/// Messages to send together, as one growing text: the fast way, without headers or timestamps of their own.
///
/// A value type without references to librdkafka; keep one and `removeAll` it between sends to reuse its memory.
public struct ProducerBatch: Sendable {
  struct Entry {
    /// Of the message in `bytes`: first its key, if any, then its value.
    let start: Int
    /// Negative: a null key.
    let keyCount: Int
    let valueCount: Int
    let partition: Int32
    let token: UInt64
  }

  private(set) var bytes: [UInt8] = []
  private(set) var entries: [Entry] = []

  public init() {}

  public var count: Int { entries.count }
  public var byteCount: Int { bytes.count }

  /// Appends a message; amortized O(bytes). `partition` nil lets the key decide.
  public mutating func append(key: Span<UInt8>?, value: Span<UInt8>, partition: Int32? = nil, token: UInt64 = 0) {
    let start = bytes.count
    if let key { append(key) }
    let keyCount = key == nil ? -1 : bytes.count - start
    append(value)
    entries.append(
      Entry(start: start, keyCount: keyCount, valueCount: value.count, partition: partition ?? -1, token: token))
  }

  /// Appends a message; amortized O(bytes).
  public mutating func append(key: [UInt8]?, value: [UInt8], partition: Int32? = nil, token: UInt64 = 0) {
    let start = bytes.count
    bytes.append(contentsOf: key ?? [])
    bytes.append(contentsOf: value)
    entries.append(
      Entry(
        start: start, keyCount: key?.count ?? -1, valueCount: value.count, partition: partition ?? -1, token: token))
  }

  /// Forgets the messages and keeps the memory.
  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
  }

  private mutating func append(_ span: Span<UInt8>) {
    unsafe span.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
  }
}
