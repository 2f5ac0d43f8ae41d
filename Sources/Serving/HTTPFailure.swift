/// What is wrong with a request, or what keeps us from answering it. `HTTPProblem` gives each its status.
public enum HTTPFailure: Error, Equatable, Sendable {
  /// What a problem says for programs; the value is JSON.
  public struct Member: Sendable, Equatable {
    public let name: String
    public let json: [UInt8]
  }

  /// The bytes are no HTTP request that can be understood in one way only; the connection is closed.
  case malformed(String)
  /// The target's encoding is wrong.
  case badTarget(String)
  /// The words follow the parameter's name: what is wrong with it and what is allowed.
  case badParameter(name: String, String)
  case badBody(String)
  /// An event that cannot become one, and whether it is kept as a dead letter.
  case invalidEvent(reason: String, field: String?, isKept: Bool)
  /// Events that may or may not be stored: what to do, and what the client needs for it.
  case notStored(String, retryAfterSeconds: Int, Member)
  case notFound(path: String)
  /// The place is known, but there is nothing to show: why, and what to do.
  case absent(String)
  /// What was there is gone for good: why, and what to do.
  case gone(String)
  case methodNotAllowed(method: String, allowed: [String])
  case contentTooLarge(bytesMax: Int)
  case targetTooLong(bytesMax: Int)
  case headersTooLarge(bytesMax: Int)
  case unsupportedMediaType(accepted: [String])
  case expectationFailed
  case unsupportedTransferCoding(String)
  case unsupportedVersion(String)
  /// No key where one is needed, or one that is not known: what to do.
  case unauthenticated(String)
  /// The caller is known, or a page of another origin, and may not do this: why.
  case forbidden(String)
  /// The words say how many there may be.
  case tooManyRequests(String, waitNanoseconds: UInt64)
  /// The server was asked under a name that is not its own.
  case misdirected(host: String)
  /// Overload, or something that will be there later.
  case unavailable(String, retryAfterSeconds: Int)
  /// Our own mistake; the client is told no more.
  case internalError
}
