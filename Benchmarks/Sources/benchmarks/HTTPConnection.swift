import Foundation

/// A connection to a server on this machine that is kept open: an answer costs some tens of microseconds, so that
/// asking often does not disturb what is measured.
final class HTTPConnection {
  private let place: String
  private let socket: Int32

  /// - Parameter place: `127.0.0.1:8000`.
  init(_ place: String) throws {
    self.place = place
    let parts = place.split(separator: ":")
    guard parts.count == 2, let port = UInt16(parts[1]) else {
      throw BenchmarkError("'\(place)' is no address: write HOST:PORT, the host in numbers", exitCode: 64)
    }
    socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    // The call only reads the text.
    guard unsafe inet_pton(AF_INET, String(parts[0]), &address.sin_addr) == 1 else {
      throw BenchmarkError("'\(place)' is no address: write HOST:PORT, the host in numbers", exitCode: 64)
    }
    // `sockaddr_in` is a `sockaddr` of this length, which the call reads.
    let result = unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    var (isOn, patience) = (Int32(1), timeval(tv_sec: 120, tv_usec: 0))
    // The calls copy the values, whose sizes are given.
    unsafe setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
    unsafe setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    if result != 0 { throw failure("refuses to be connected to") }
  }

  deinit { close(socket) }

  /// The body of the answer to a GET of `path`; nil for any status but 200.
  func body(of path: String) throws -> String? {
    try send(Array("GET \(path) HTTP/1.1\r\nHost: \(place)\r\n\r\n".utf8))
    var answer: [UInt8] = []
    let separator = Array("\r\n\r\n".utf8)
    while true {
      if let end = answer.firstRange(of: separator)?.upperBound {
        let head = String(decoding: answer[..<end], as: UTF8.self)
        guard let length = HTTPConnection.contentLength(head) else { throw failure("answers without a length to") }
        while answer.count < end + length { try receive(&answer) }
        return head.hasPrefix("HTTP/1.1 200") ? String(decoding: answer[end..<end + length], as: UTF8.self) : nil
      }
      try receive(&answer)
    }
  }

  private static func contentLength(_ head: String) -> Int? {
    for line in head.split(separator: "\r\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[0].lowercased() == "content-length" else { continue }
      return Int(parts[1].trimmingCharacters(in: .whitespaces))
    }
    return nil
  }

  private func send(_ bytes: [UInt8]) throws {
    // The call reads as many bytes as there are; a request is so short that it fits the socket's buffer.
    let sent = unsafe bytes.withUnsafeBytes {
      unsafe Foundation.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    guard sent == bytes.count else { throw failure("does not take a request:") }
  }

  private func receive(_ answer: inout [UInt8]) throws {
    // The call fills at most the buffer, and says how much of it.
    let part = unsafe [UInt8](unsafeUninitializedCapacity: 16 << 10) { buffer, count in
      count = unsafe max(0, recv(socket, buffer.baseAddress, buffer.count, 0))
    }
    guard !part.isEmpty else { throw failure("does not answer to") }
    answer += part
  }

  private func failure(_ what: String) -> BenchmarkError {
    BenchmarkError("\(place) \(what) a benchmark", exitCode: 69)
  }
}

extension HTTPConnection {
  /// Connects, for as long as `process` may take to answer.
  static func whenAnswering(_ place: String, path: String, seconds: Int) throws -> HTTPConnection {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
      do {
        let connection = try HTTPConnection(place)
        if try connection.body(of: path) != nil { return connection }
      } catch {
        if ContinuousClock.now > deadline { throw error }
      }
      guard ContinuousClock.now < deadline else {
        throw BenchmarkError("\(place) does not answer \(path)", exitCode: 69)
      }
      Thread.sleep(forTimeInterval: 0.05)
    }
  }
}
