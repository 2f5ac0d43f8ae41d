/// What a client may use up. Every number bounds memory, file descriptors or time that a stranger could take.
public struct HTTPLimits: Sendable {
  /// Bytes of the request target (path and query) beyond which the answer is 414.
  public var targetBytesMax = 8 * 1024
  /// Bytes of request line and headers together beyond which the answer is 431.
  public var headerBytesMax = 16 * 1024
  /// Bytes that the library holds for a connection: headers, and the part of a body or answer that is under way. It
  /// clears them after each request, so more is slower.
  ///
  /// A request whose headers pass even this is refused by the library itself, with its own page.
  public var connectionBytes = 32 * 1024
  /// Open connections; further ones wait in the system's queue. A thousand streams leave room for other requests.
  public var connectionCountMax = 1256
  /// Open connections of one client address, 0 for no limit; further ones are closed.
  public var connectionsPerAddressMax = 0
  /// Seconds without a byte in either direction after which a connection is closed; rounded up by the library.
  public var idleSeconds = 30
  /// Milliseconds from the opening of a connection until its request has arrived as a whole, however often a byte of it
  /// comes. On a connection that is used again, `idleSeconds` are added.
  public var requestMilliseconds = 30_000
  /// Bytes of all bodies that are being received or answered; beyond that the answer is 503.
  public var bodyBytesInFlightMax = 64 << 20
  /// Bytes beyond its limit that a chunked body may send before its connection is closed without an answer.
  public var excessBytesMax = 256 * 1024

  public init() {}
}
