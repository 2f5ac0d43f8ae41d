internal import CMicrohttpd

/// The library's daemon: one thread that waits with epoll and calls us back.
///
/// Invariant: `core` outlives the daemon, since whoever holds one holds the other until `stop` has returned. The
/// library's own thread-safety makes the handle `Sendable`: `quiesce` and `stop` may come from any thread.
@safe struct Daemon: @unchecked Sendable {
  private let handle: OpaquePointer

  /// Nil where the system has no thread or descriptors left.
  init?(_ socket: ListeningSocket, _ core: ServerCore) {
    let context = unsafe Unmanaged.passUnretained(core).toOpaque()
    var options = unsafe Daemon.options(socket, core.limits, context)
    var flags = MHD_USE_EPOLL_INTERNAL_THREAD.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
    if let certificate = core.certificate {
      flags |= MHD_USE_TLS.rawValue
      unsafe options.insert(contentsOf: Daemon.options(certificate), at: 0)
    }
    guard let handle = unsafe riffle_microhttpd_start(UInt32(flags), Callbacks.access, context, &options) else {
      return nil
    }
    unsafe self.handle = handle
  }

  /// Takes no new connections any more.
  func quiesce() { _ = unsafe MHD_quiesce_daemon(handle) }

  /// Closes all connections and ends the thread. Nothing may be put aside.
  func stop() { unsafe MHD_stop_daemon(handle) }

  /// Pointers into `certificate`, which the core keeps, and to a constant.
  @unsafe private static func options(_ certificate: ServerCertificate) -> [MHD_OptionItem] {
    func text(_ option: MHD_OPTION, _ text: UnsafeMutableRawPointer) -> MHD_OptionItem {
      unsafe MHD_OptionItem(option: option, value: 0, ptr_value: text)
    }
    let priorities = unsafe UnsafeMutableRawPointer(mutating: ServerCertificate.priorities.utf8Start)
    return unsafe [
      text(.HTTPS_MEM_CERT, certificate.certificate), text(.HTTPS_MEM_KEY, certificate.key),
      text(.HTTPS_PRIORITIES, priorities),
    ]
  }

  /// Without MHD_OPTION_STRICT_FOR_CLIENT: what it refuses, with headers sent twice (0.9.75), `Framing` refuses itself.
  @unsafe private static func options(
    _ socket: ListeningSocket, _ limits: HTTPLimits, _ context: UnsafeMutableRawPointer
  ) -> [MHD_OptionItem] {
    func number(_ option: MHD_OPTION, _ value: Int) -> MHD_OptionItem {
      unsafe MHD_OptionItem(option: option, value: value, ptr_value: nil)
    }
    func callback(_ option: MHD_OPTION, _ function: UnsafeRawPointer) -> MHD_OptionItem {
      unsafe MHD_OptionItem(option: option, value: Int(bitPattern: function), ptr_value: context)
    }
    return unsafe [
      number(.LISTEN_SOCKET, Int(socket.descriptor)),
      number(.CONNECTION_LIMIT, limits.connectionCountMax),
      number(.PER_IP_CONNECTION_LIMIT, limits.connectionsPerAddressMax),
      number(.CONNECTION_TIMEOUT, limits.idleSeconds),
      number(.CONNECTION_MEMORY_LIMIT, limits.connectionBytes),
      callback(.URI_LOG_CALLBACK, unsafeBitCast(Callbacks.target, to: UnsafeRawPointer.self)),
      callback(.UNESCAPE_CALLBACK, unsafeBitCast(Callbacks.unescape, to: UnsafeRawPointer.self)),
      callback(.NOTIFY_CONNECTION, unsafeBitCast(Callbacks.connection, to: UnsafeRawPointer.self)),
      callback(.NOTIFY_COMPLETED, unsafeBitCast(Callbacks.completed, to: UnsafeRawPointer.self)),
      number(.END, 0),
    ]
  }
}
