/// What is wrong with a request, or what keeps us from answering it. `HTTPProblem` gives each its status.
public enum HTTPFailure: Error, Equatable, Sendable {
  /// The bytes are no HTTP request that can be understood in one way only; the connection is closed.
  case malformed(String)
  /// The target's encoding is wrong.
  case badTarget(String)
  /// The words follow the parameter's name: what is wrong with it and what is allowed.
  case badParameter(name: String, String)
  case badBody(String)
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
  /// Overload, or something that will be there later.
  case unavailable(String, retryAfterSeconds: Int)
  /// Our own mistake; the client is told no more.
  case internalError
}
