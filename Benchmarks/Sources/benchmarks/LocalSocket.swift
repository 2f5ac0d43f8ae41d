import Foundation

/// Sockets on this machine's loopback interface.
enum LocalSocket {
  /// A connection; nil where nobody listens.
  static func connected(to port: UInt16) -> Int32? {
    let socket = make()
    guard unsafe withAddress(port, { unsafe connect(socket, $0, $1) }) == 0 else {
      close(socket)
      return nil
    }
    return socket
  }

  /// A port that nobody listens on.
  static func freePort() throws -> UInt16 {
    let socket = make()
    defer { close(socket) }
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    // `sockaddr_in` is a `sockaddr` of this length, which the call fills.
    let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { buffer in
        unsafe withAddress(0) { unsafe bind(socket, $0, $1) } == 0 ? unsafe getsockname(socket, buffer, &length) : -1
      }
    }
    guard result == 0 else { throw BenchmarkError("no port is free", exitCode: 69) }
    return UInt16(bigEndian: address.sin_port)
  }

  /// Waits for someone who listens.
  static func wait(for port: UInt16, seconds: Int) throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
      if let socket = connected(to: port) {
        close(socket)
        return
      }
      Thread.sleep(forTimeInterval: 0.05)
    }
    throw BenchmarkError("nobody listens on 127.0.0.1:\(port)", exitCode: 69)
  }

  private static func make() -> Int32 { socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }

  private static func withAddress(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    // `sockaddr_in` is a `sockaddr` of this length, which `body` only reads.
    return unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
