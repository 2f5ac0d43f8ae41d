internal import CMicrohttpd

/// A connection of the library.
///
/// Invariant: valid from the moment that the library hands it to a callback until it reports the end of the request;
/// all uses are on the library's thread in between, except `resume`, which the library allows from any thread while
/// the connection is put aside (it does not free such a connection). That is also why it is unchecked `Sendable`.
@safe struct LibraryConnection: @unchecked Sendable {
  private let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }

  /// What we keep of the connection beyond one request.
  var context: Connection? {
    let context = unsafe riffle_microhttpd_socket_context(pointer)
    return unsafe context.map { unsafe Unmanaged<Connection>.fromOpaque($0).takeUnretainedValue() }
  }

  var descriptor: Int32 { unsafe riffle_microhttpd_socket(pointer) }

  var address: ClientAddress {
    var bytes: (UInt64, UInt64) = (0, 0)
    // The call writes the 16 bytes that both numbers have.
    unsafe withUnsafeMutableBytes(of: &bytes) { bytes in
      unsafe riffle_microhttpd_client_address(pointer, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    }
    return ClientAddress(high: UInt64(bigEndian: bytes.0), low: UInt64(bigEndian: bytes.1))
  }

  /// Shows `certificate` to the client, whose handshake has not begun. The certificate must outlive the connection.
  func show(_ certificate: ServerCertificate) {
    if let session = unsafe riffle_microhttpd_tls_session(pointer) { unsafe certificate.show(in: session) }
  }

  /// Stops reading from and writing to the client; only in a callback for this connection.
  func suspend() { unsafe MHD_suspend_connection(pointer) }

  /// Goes on with a connection that is put aside.
  func resume() { unsafe MHD_resume_connection(pointer) }

  /// The request's head, its values copied.
  func head(method: String, target: String, version: String) -> RequestHead {
    let fields = HeaderCollector()
    // The library calls back before it returns and gives memory that is valid during the call.
    unsafe MHD_get_connection_values_n(
      pointer, .HEADER_KIND,
      { context, _, name, nameLength, value, valueLength in
        guard let context = unsafe context else { return .NO }
        let collector = unsafe Unmanaged<HeaderCollector>.fromOpaque(context).takeUnretainedValue()
        unsafe collector.append(
          UnsafeRawBufferPointer(start: name, count: nameLength),
          UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : valueLength))
        return .YES
      }, Unmanaged.passUnretained(fields).toOpaque())
    return RequestHead(
      method: method, target: target, version: version, headers: fields.headers,
      fieldByteCount: fields.byteCount, byteCount: unsafe riffle_microhttpd_header_bytes(pointer))
  }

  /// Sends bytes, which the library copies.
  func queue(_ response: HTTPResponse, _ bytes: [UInt8]) -> Bool {
    let made = unsafe bytes.withUnsafeBytes { bytes in
      unsafe MHD_create_response_from_buffer(
        bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_MUST_COPY)
    }
    return unsafe queue(response, made)
  }

  /// Sends what a session reads. The library keeps the session until it has freed its response.
  func queue(_ response: HTTPResponse, _ session: StreamSession) -> Bool {
    let context = unsafe Unmanaged.passRetained(session).toOpaque()
    let made = unsafe MHD_create_response_from_callback(
      riffle_microhttpd_size_unknown(), LibraryConnection.streamBlockBytes,
      { context, _, buffer, length in
        guard let context = unsafe context else { return StreamSession.failed }
        let session = unsafe Unmanaged<StreamSession>.fromOpaque(context).takeUnretainedValue()
        return unsafe session.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: length))
      }, context,
      { context in
        if let context = unsafe context { unsafe Unmanaged<StreamSession>.fromOpaque(context).release() }
      })
    if unsafe made == nil { unsafe Unmanaged<StreamSession>.fromOpaque(context).release() }
    return unsafe queue(response, made)
  }

  private static let streamBlockBytes = 32 * 1024

  /// Adds headers and gives our reference away. The library refuses headers that have line ends; those are left out.
  private func queue(_ response: HTTPResponse, _ made: OpaquePointer?) -> Bool {
    guard let made = unsafe made else { return false }
    for field in response.headers.fields {
      let result = unsafe MHD_add_response_header(made, field.name, field.value)
      assert(result == .YES, "'\(field.name)' is no header that can be sent")
    }
    let result = unsafe MHD_queue_response(pointer, UInt32(response.status), made)
    unsafe MHD_destroy_response(made)
    return result == .YES
  }
}

/// Collects header fields as the library reports them.
private final class HeaderCollector {
  var headers = HTTPHeaders()
  var byteCount = 0

  func append(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    byteCount += name.count + value.count
    let text = unsafe String(decoding: value, as: UTF8.self)
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    let front = text.utf8.drop(while: isBlank)
    let trailing = front.reversed().prefix(while: isBlank).count
    headers.append(unsafe String(decoding: name, as: UTF8.self), String(front.dropLast(trailing)) ?? text)
  }
}
