import Glibc

/// A client that writes bytes to a socket and reads what comes back, so that tests can be as rude as they like.
final class RawClient {
  private let descriptor: Int32
  private var received: [UInt8] = []

  /// Connects to a port of the loopback; reads give up after `patienceMilliseconds`.
  init(port: UInt16, patienceMilliseconds: Int = 5000) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var time = timeval(tv_sec: patienceMilliseconds / 1000, tv_usec: patienceMilliseconds % 1000 * 1000)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = unsafe withUnsafeBytes(of: &name) { bytes -> Int32 in
      guard let base = bytes.baseAddress else { return -1 }
      return unsafe connect(
        descriptor, base.assumingMemoryBound(to: sockaddr.self), socklen_t(MemoryLayout<sockaddr_in>.size))
    }
    guard result == 0 else { throw ClientError.cannotConnect(errno) }
  }

  deinit { Glibc.close(descriptor) }

  enum ClientError: Error, Equatable {
    case cannotConnect(Int32)
    case closed
    case timedOut
    case notAnAnswer(String)
  }

  /// Sends text whose line ends are given as they are; errors show up when reading.
  func send(_ text: String) { send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = unsafe bytes[sent...].withUnsafeBytes {
        unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      sent += count
    }
  }

  /// Ends our side of the connection.
  func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Reads one answer. `isHead` says that it has no body, whatever its length says.
  func readAnswer(isHead: Bool = false) throws -> Answer {
    while received.firstRange(of: Array("\r\n\r\n".utf8)) == nil { try receive() }
    guard let end = received.firstRange(of: Array("\r\n\r\n".utf8)) else { throw ClientError.closed }
    let lines = String(decoding: received[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
    received.removeFirst(end.upperBound)
    guard let first = lines.first, first.hasPrefix("HTTP/1.1 "), let status = Int(first.dropFirst(9).prefix(3)) else {
      throw ClientError.notAnAnswer(lines.joined(separator: "\n"))
    }
    let headers = lines.dropFirst().map { line -> (String, String) in
      let parts = line.split(separator: ":", maxSplits: 1)
      return (parts[0].lowercased(), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
    }
    var answer = Answer(status: status, headers: headers, body: [])
    let hasBody = !isHead && status >= 200 && status != 204 && status != 304
    if hasBody { answer.body = try readBody(answer) }
    return answer
  }

  private func readBody(_ answer: Answer) throws -> [UInt8] {
    if let length = answer["content-length"].flatMap({ Int($0) }) { return try take(length) }
    guard answer["transfer-encoding"] == "chunked" else {
      while try receiveUnlessClosed() {}
      return try take(received.count)
    }
    var body: [UInt8] = []
    while true {
      let size = Int(try takeLine(), radix: 16) ?? 0
      body += try take(size)
      _ = try takeLine()
      if size == 0 { return body }
    }
  }

  /// Bytes as they come, up to and with a text; for streams that do not end.
  func read(through text: String) throws -> String {
    while true {
      if let range = received.firstRange(of: Array(text.utf8)) {
        return String(decoding: try take(range.upperBound), as: UTF8.self)
      }
      try receive()
    }
  }

  /// Whether the server closes the connection, after whatever else it sends.
  func isClosedByServer() -> Bool {
    do {
      while try receiveUnlessClosed() {}
      return true
    } catch { return error as? ClientError != .timedOut }
  }

  private func takeLine() throws -> String {
    let line = try read(through: "\r\n")
    return String(line.dropLast())
  }

  private func take(_ count: Int) throws -> [UInt8] {
    while received.count < count { try receive() }
    defer { received.removeFirst(count) }
    return Array(received[..<count])
  }

  private func receive() throws { guard try receiveUnlessClosed() else { throw ClientError.closed } }

  /// False at the end of what the server sends.
  private func receiveUnlessClosed() throws -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
    if count < 0 { throw errno == EAGAIN ? ClientError.timedOut : ClientError.closed }
    received += buffer[..<count]
    return count > 0
  }
}

/// An answer as it came.
struct Answer {
  var status: Int
  var headers: [(name: String, value: String)]
  var body: [UInt8]

  /// The value of a header, by its name in lower case.
  subscript(_ name: String) -> String? { headers.first { $0.name == name }?.value }

  var text: String { String(decoding: body, as: UTF8.self) }
}
