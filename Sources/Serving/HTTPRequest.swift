/// The methods that routes can have.
public enum HTTPMethod: String, Sendable, CaseIterable {
  case get = "GET"
  case head = "HEAD"
  case post = "POST"
  case put = "PUT"
  case patch = "PATCH"
  case delete = "DELETE"
  case options = "OPTIONS"
}

/// A request that has arrived as a whole and was found sound.
public struct HTTPRequest: Sendable {
  public let method: HTTPMethod
  /// As it came, still encoded, without the query.
  public let path: String
  /// The values of the `{names}` of the route's path, decoded.
  public let pathParameters: [String: String]
  public let query: HTTPQuery
  public let headers: HTTPHeaders
  /// Empty where the route takes none.
  public internal(set) var body: [UInt8] = []
}

/// What is known of a request before its body.
struct RequestHead: Equatable {
  var method: String
  var target: String
  var version: String
  var headers: HTTPHeaders
  /// Bytes of all names and values as they came.
  var fieldByteCount: Int
  /// Bytes from the method to the empty line; 0 where they are not known.
  var byteCount: Int
}
