import Foundation

/// A connection to a server on this machine that is kept open: an answer costs some tens of microseconds, so that
/// asking often does not disturb what is measured.
final class HTTPConnection {
  /// A machine that does other things may let everything stand still for long.
  private static let patienceSeconds = 120
  private let place: String
  private let socket: Int32

  /// - Parameter place: `127.0.0.1:8000`.
  init(_ place: String) throws {
    guard place.hasPrefix("127.0.0.1:"), let port = UInt16(place.dropFirst("127.0.0.1:".count)) else {
      throw BenchmarkError("'\(place)' is no address of this machine: write 127.0.0.1:PORT", exitCode: 64)
    }
    guard let connected = LocalSocket.connected(to: port) else {
      throw BenchmarkError("nobody listens on \(place)", exitCode: 69)
    }
    self.place = place
    socket = connected
    var (isOn, patience) = (Int32(1), timeval(tv_sec: HTTPConnection.patienceSeconds, tv_usec: 0))
    // The calls copy the values, whose sizes are given.
    unsafe setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
    unsafe setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
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
    // The call fills at most the buffer, and says how much of it. A process that was stopped and goes on asks again.
    let part = unsafe [UInt8](unsafeUninitializedCapacity: 16 << 10) { buffer, count in
      var received = 0
      repeat {
        received = unsafe recv(socket, buffer.baseAddress, buffer.count, 0)
      } while received < 0 && errno == EINTR
      count = max(0, received)
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
