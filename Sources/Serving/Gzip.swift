internal import CZlib

/// Compresses bytes as they come, into one gzip member (RFC 1952).
///
/// Invariant: `stream` is initialized from `init` to `deinit` and never moves, since the library keeps its address; it
/// points to memory of ours only while `deflate` runs. Unchecked: used from one serial queue.
@safe final class Gzip: @unchecked Sendable {
  /// The fastest level: exports share two processors with the engine, and rows of text shrink to a fifth even so.
  private static let level: Int32 = 1
  /// 15 bits of window, and 16 for gzip's header and trailer.
  private static let windowBits: Int32 = 15 + 16
  private static let memoryLevel: Int32 = 8

  private let stream: UnsafeMutablePointer<z_stream>

  /// Nil where there is no memory.
  init?() {
    unsafe stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    let result = unsafe deflateInit2_(
      stream, Gzip.level, Z_DEFLATED, Gzip.windowBits, Gzip.memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard result == Z_OK else {
      unsafe stream.deallocate()
      return nil
    }
  }

  deinit {
    unsafe deflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// What is to be sent after `bytes`; may be nothing yet.
  func add(_ bytes: [UInt8]) -> [UInt8] { deflated(bytes, Z_NO_FLUSH) }

  /// The end of it all. Nothing can be added then.
  func finish() -> [UInt8] { deflated([], Z_FINISH) }

  private func deflated(_ bytes: [UInt8], _ flush: Int32) -> [UInt8] {
    var bytes = bytes
    var output: [UInt8] = []
    unsafe bytes.withUnsafeMutableBufferPointer { input in
      unsafe stream.pointee.next_in = input.baseAddress
      unsafe stream.pointee.avail_in = UInt32(input.count)
      var isFull = true
      while isFull {
        let space = Int(unsafe deflateBound(stream, UInt(unsafe stream.pointee.avail_in))) + 64
        let start = output.count
        output.append(contentsOf: repeatElement(0, count: space))
        unsafe output.withUnsafeMutableBufferPointer { buffer in
          unsafe stream.pointee.next_out = unsafe buffer.baseAddress.map { unsafe $0 + start }
          unsafe stream.pointee.avail_out = UInt32(space)
          // It fails only for a stream that is none, or for no room at all, and there is.
          _ = unsafe deflate(stream, flush)
        }
        let unused = Int(unsafe stream.pointee.avail_out)
        output.removeLast(unused)
        isFull = unused == 0
      }
      unsafe stream.pointee.next_in = nil
      unsafe stream.pointee.next_out = nil
    }
    return output
  }
}

/// Blocks, compressed on the way.
///
/// Unchecked: whoever pulls does so from one serial queue.
final class GzippedBlocks: @unchecked Sendable {
  private let pull: PulledBody.Pull
  private let gzip: Gzip
  private var hasEnded = false

  init(_ gzip: Gzip, _ pull: @escaping PulledBody.Pull) {
    self.pull = pull
    self.gzip = gzip
  }

  /// The next compressed bytes, never none; nil at the end.
  func next() throws -> [UInt8]? {
    while !hasEnded {
      let block = try pull()
      hasEnded = block == nil
      let bytes = block.map { gzip.add($0) } ?? gzip.finish()
      if !bytes.isEmpty { return bytes }
    }
    return nil
  }
}

extension HTTPHeaders {
  /// Whether the client takes gzip (RFC 9110 §12.5.3): it is named, or everything is, and not with weight 0.
  var acceptGzip: Bool {
    var whole: Bool?
    for coding in values("Accept-Encoding").joined(separator: ",").split(separator: ",") {
      let parts = coding.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
      guard let name = parts.first else { continue }
      let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
      if name == "gzip" || name == "x-gzip" { return weight > 0 }
      if name == "*" { whole = weight > 0 }
    }
    return whole ?? false
  }
}
