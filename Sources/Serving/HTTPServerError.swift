internal import Glibc

/// Why a server does not start.
public enum HTTPServerError: Error, Equatable, CustomStringConvertible {
  /// The host is neither a numeric address nor `localhost`.
  case notAnAddress(HTTPAddress)
  /// Another process listens there.
  case addressInUse(HTTPAddress)
  case cannotListen(HTTPAddress, SystemError)
  /// The library refused to start: no thread, no file descriptors.
  case cannotStart(HTTPAddress)
  /// There is a certificate, and the library was built without TLS.
  case hasNoTLS(HTTPAddress)
  /// `start` was called on a server that runs or has stopped.
  case alreadyStarted(HTTPAddress)

  public var description: String {
    switch self {
    case .notAnAddress(let address):
      "cannot listen on \(address): '\(address.host)' is no numeric address; write 127.0.0.1, ::1, 0.0.0.0 or localhost"
    case .addressInUse(let address):
      "cannot listen on \(address): the port is in use; stop the other process or choose another with --listen"
    case .cannotListen(let address, let cause):
      "cannot listen on \(address): \(cause); choose an address of this machine and a port you may open"
    case .cannotStart(let address):
      "cannot serve on \(address): the system gave no thread or no file descriptors; raise `ulimit -n` or `-u`"
    case .hasNoTLS(let address):
      "cannot serve on \(address): this libmicrohttpd has no TLS; install one that has, or let a proxy do it"
    case .alreadyStarted(let address):
      "the server on \(address) was started before; make a new one"
    }
  }
}

/// The number and the words of a failed system call.
public struct SystemError: Error, Equatable, CustomStringConvertible {
  public let code: Int32

  init(_ code: Int32) { self.code = code }

  var isAddressInUse: Bool { code == EADDRINUSE }

  public var description: String {
    var buffer = [CChar](repeating: 0, count: 200)
    // The call fills at most the buffer's bytes and keeps nothing.
    guard unsafe strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
