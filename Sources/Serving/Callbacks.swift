internal import CMicrohttpd
internal import Glibc

/// The functions that the library calls, all on its one thread.
///
/// Invariants: a daemon's context is its `ServerCore`, unretained, which outlives it. A request's context is its
/// `Exchange`, retained by `target` and released by `completed`; the library calls both exactly once for each
/// request. A socket's context is its `Connection`, retained and released by `connection`.
enum Callbacks {
  typealias Access = MHD_AccessHandlerCallback
  typealias Target =
    @convention(c) (
      UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?
    ) -> UnsafeMutableRawPointer?
  typealias Unescape =
    @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<CChar>?) -> Int

  /// The first thing heard of a request: its target as it came.
  static let target: Target = { context, text, _ in
    guard let core = unsafe core(context), let text = unsafe text else { return nil }
    return unsafe Unmanaged.passRetained(core.makeExchange(target: String(cString: text))).toOpaque()
  }

  /// Leaves the library's copies of path and query as they came: decoding is ours.
  static let unescape: Unescape = { _, _, text in
    guard let text = unsafe text else { return 0 }
    return unsafe strlen(text)
  }

  /// Called when the head has come, for each piece of the body, when all has come, and after each time aside.
  static let access: Access = { context, connection, _, method, version, bytes, byteCount, request in
    guard let core = unsafe core(context), let connection = unsafe connection.map({ unsafe LibraryConnection($0) }),
      let exchange = unsafe exchange(request), let byteCount = unsafe byteCount
    else { return .NO }
    let goesOn: Bool
    if exchange.isFresh {
      guard let method = unsafe method, let version = unsafe version else { return .NO }
      let head = unsafe connection.head(
        method: String(cString: method), target: exchange.target, version: String(cString: version))
      goesOn = core.headArrived(exchange, head, on: connection)
    } else if unsafe byteCount.pointee > 0 {
      let body = unsafe UnsafeRawBufferPointer(start: bytes, count: byteCount.pointee)
      goesOn = unsafe core.bodyArrived(exchange, body, on: connection)
      unsafe byteCount.pointee = 0
    } else {
      goesOn = core.requestArrived(exchange, on: connection)
    }
    return goesOn ? .YES : .NO
  }

  static let completed: MHD_RequestCompletedCallback = { context, connection, request, _ in
    guard let core = unsafe core(context), let connection = unsafe connection.map({ unsafe LibraryConnection($0) }),
      let request = unsafe request, let pointer = unsafe request.pointee
    else { return }
    let exchange = unsafe Unmanaged<Exchange>.fromOpaque(pointer).takeRetainedValue()
    unsafe request.pointee = nil
    core.exchangeEnded(exchange, on: connection)
  }

  static let connection: MHD_NotifyConnectionCallback = { context, connection, socketContext, event in
    guard let core = unsafe core(context), let library = unsafe connection.map({ unsafe LibraryConnection($0) }),
      let socketContext = unsafe socketContext
    else { return }
    if event == .CONNECTION_NOTIFY_STARTED {
      let connection = core.connectionOpened(library)
      unsafe socketContext.pointee = Unmanaged.passRetained(connection).toOpaque()
    } else if let pointer = unsafe socketContext.pointee {
      core.connectionClosed(unsafe Unmanaged<Connection>.fromOpaque(pointer).takeRetainedValue())
      unsafe socketContext.pointee = nil
    }
  }

  private static func core(_ context: UnsafeMutableRawPointer?) -> ServerCore? {
    unsafe context.map { unsafe Unmanaged<ServerCore>.fromOpaque($0).takeUnretainedValue() }
  }

  private static func exchange(_ request: UnsafeMutablePointer<UnsafeMutableRawPointer?>?) -> Exchange? {
    unsafe request?.pointee.map { unsafe Unmanaged<Exchange>.fromOpaque($0).takeUnretainedValue() }
  }
}
