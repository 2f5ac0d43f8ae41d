internal import Glibc

/// Where a server listens: a numeric address of this machine, or `localhost`, and a port.
public struct HTTPAddress: Sendable, Hashable, CustomStringConvertible {
  /// `127.0.0.1`, `::1`, `0.0.0.0`, `localhost`; names of other machines are not looked up.
  public let host: String
  /// 0 asks the system for a free one.
  public let port: UInt16

  public init(host: String = "127.0.0.1", port: UInt16) {
    self.host = host
    self.port = port
  }

  /// Reads `HOST:PORT`, `[::1]:PORT`; nil where it is neither.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty else { return nil }
    self.init(host: String(host), port: port)
  }

  /// Whether only this machine can reach it.
  public var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// A socket that listens. Opened by us and not by the library, so that an error has its cause.
struct ListeningSocket {
  let descriptor: Int32
  /// The port that the system gave.
  let port: UInt16

  private static let backlog: Int32 = 1024

  init(_ address: HTTPAddress) throws(HTTPServerError) {
    let host = address.host == "localhost" ? "127.0.0.1" : address.host
    if var inet = ListeningSocket.inet(host, address.port) {
      self = try unsafe ListeningSocket.open(AF_INET, &inet, socklen_t(MemoryLayout<sockaddr_in>.size), address)
    } else if var inet6 = ListeningSocket.inet6(host, address.port) {
      self = try unsafe ListeningSocket.open(AF_INET6, &inet6, socklen_t(MemoryLayout<sockaddr_in6>.size), address)
    } else {
      throw .notAnAddress(address)
    }
  }

  private init(descriptor: Int32, port: UInt16) {
    self.descriptor = descriptor
    self.port = port
  }

  func close() { Glibc.close(descriptor) }

  /// `name` points to an address of `length` bytes, which the calls only read while they run.
  @unsafe private static func open(
    _ family: Int32, _ name: UnsafeRawPointer, _ length: socklen_t, _ address: HTTPAddress
  ) throws(HTTPServerError) -> ListeningSocket {
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(family, type, 0)
    guard descriptor >= 0 else { throw .cannotListen(address, SystemError(errno)) }
    var yes: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, size)
    if family == AF_INET6 { unsafe setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, size) }
    guard unsafe bind(descriptor, name.assumingMemoryBound(to: sockaddr.self), length) == 0,
      listen(descriptor, backlog) == 0
    else {
      let cause = SystemError(errno)
      Glibc.close(descriptor)
      throw cause.isAddressInUse ? .addressInUse(address) : .cannotListen(address, cause)
    }
    return ListeningSocket(descriptor: descriptor, port: boundPort(descriptor))
  }

  private static func inet(_ host: String, _ port: UInt16) -> sockaddr_in? {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    // The call reads the text and fills the address.
    return unsafe inet_pton(AF_INET, host, &name.sin_addr) == 1 ? name : nil
  }

  private static func inet6(_ host: String, _ port: UInt16) -> sockaddr_in6? {
    var name = sockaddr_in6()
    name.sin6_family = sa_family_t(AF_INET6)
    name.sin6_port = port.bigEndian
    return unsafe inet_pton(AF_INET6, host, &name.sin6_addr) == 1 ? name : nil
  }

  private static func boundPort(_ descriptor: Int32) -> UInt16 {
    // The port is at the same place in the addresses of both families; the storage is large enough for either.
    var name = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return unsafe withUnsafeMutableBytes(of: &name) { bytes in
      guard let base = bytes.baseAddress,
        unsafe getsockname(descriptor, base.assumingMemoryBound(to: sockaddr.self), &length) == 0
      else { return 0 }
      return unsafe UInt16(bigEndian: bytes.load(fromByteOffset: 2, as: UInt16.self))
    }
  }
}
