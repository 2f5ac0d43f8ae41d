internal import Telemetry

/// An error on the wire: `application/problem+json` (RFC 9457). This is the only file that turns errors into statuses.
struct HTTPProblem: Equatable {
  var status: Int
  /// The last part of `type`: for programs, never changed.
  var kind: String
  var title: String
  /// For people: what is wrong here and what to do.
  var detail: String
  var headers: HTTPHeaders = [:]
  /// For programs: what the detail says in words.
  var members: [HTTPFailure.Member] = []
  /// Whether what else comes on the connection must not be read.
  var closesConnection = false

  /// What the client is told about `error`. An error that is not meant for clients is told without its words.
  init(_ error: any Error) {
    switch error as? HTTPFailure ?? .internalError {
    case .malformed(let detail):
      self.init(400, "malformed-request", "Malformed request", detail)
      closesConnection = true
    case .badTarget(let detail): self.init(400, "bad-target", "Bad request target", detail)
    case .badParameter(let name, let detail):
      self.init(400, "bad-parameter", "Bad parameter", "parameter '\(name)' \(detail)")
    case .badBody(let detail): self.init(400, "bad-body", "Bad request body", detail)
    case .invalidEvent(let reason, let field, let isKept):
      let place = field.map { " (\($0))" } ?? ""
      let fate = isKept ? "it is among the dead letters" : "it is not kept"
      self.init(400, "invalid-event", "No event", "\(reason)\(place); \(fate)")
      members = [HTTPFailure.Member(name: "reason", text: reason), HTTPFailure.Member(name: "field", text: field)]
    case .notStored(let detail, let seconds, let member):
      self.init(503, "not-stored", "Not stored", detail)
      headers = ["Retry-After": String(seconds)]
      members = [member]
    case .notFound(let path):
      self.init(404, "not-found", "Not found", "nothing is at '\(path)'; /openapi.json lists what there is")
    case .absent(let detail): self.init(404, "absent", "Nothing to show", detail)
    case .gone(let detail): self.init(410, "gone", "Gone", detail)
    case .methodNotAllowed(let method, let allowed):
      let list = allowed.joined(separator: ", ")
      self.init(405, "method-not-allowed", "Method not allowed", "'\(method)' is not possible here; use \(list)")
      headers = ["Allow": list]
    case .unsupportedMediaType(let accepted):
      let list = accepted.joined(separator: ", ")
      self.init(415, "unsupported-media-type", "Unsupported media type", "send \(list), not compressed")
      headers = ["Accept": list]
    case .unavailable(let detail, let seconds):
      self.init(503, "unavailable", "Not available now", detail)
      headers = ["Retry-After": String(seconds)]
    case .internalError:
      self.init(500, "internal-error", "Internal error", "the server made a mistake; its log says which")
    case let failure: self.init(atTheDoor: failure)
    }
  }

  /// What the gatekeeper says.
  private init(atTheDoor failure: HTTPFailure) {
    switch failure {
    case .unauthenticated(let detail):
      self.init(401, "unauthenticated", "Not authenticated", detail)
      headers = ["WWW-Authenticate": "Bearer realm=\"riffle\""]
    case .forbidden(let detail): self.init(403, "forbidden", "Not allowed", detail)
    case .tooManyRequests(let rule, let nanoseconds):
      let seconds = nanoseconds / 1_000_000_000 + 1
      self.init(429, "too-many-requests", "Too many requests", "\(rule); come again in \(seconds) s")
      headers = ["Retry-After": String(seconds)]
    case .misdirected(let host):
      let detail = "this server does not answer as '\(host)'; http.hosts lists its names"
      self.init(421, "misdirected-request", "Misdirected request", detail)
    case let failure: self.init(beforeRouting: failure)
    }
  }

  /// Refusals that come before anything is looked up; what follows on the connection is not read.
  private init(beforeRouting failure: HTTPFailure) {
    switch failure {
    case .contentTooLarge(let bytesMax):
      let rule = bytesMax == 0 ? "takes no body" : "takes at most \(bytesMax) bytes; send less at a time"
      self.init(413, "content-too-large", "Content too large", "this request \(rule)")
    case .targetTooLong(let bytesMax):
      self.init(414, "target-too-long", "Request target too long", "path and query have at most \(bytesMax) bytes")
    case .headersTooLarge(let bytesMax):
      self.init(431, "headers-too-large", "Headers too large", "all headers have at most \(bytesMax) bytes")
    case .expectationFailed:
      self.init(417, "expectation-failed", "Expectation failed", "the only expectation met here is 100-continue")
    case .unsupportedTransferCoding(let coding):
      self.init(501, "unsupported-coding", "Unsupported transfer coding", "'\(coding)' is not read here; use chunked")
    case .unsupportedVersion(let version):
      self.init(505, "unsupported-version", "Unsupported version", "'\(version)' is not spoken here; use HTTP/1.1")
    default: self.init(500, "internal-error", "Internal error", "the server made a mistake; its log says which")
    }
    closesConnection = true
  }

  private init(_ status: Int, _ kind: String, _ title: String, _ detail: String) {
    (self.status, self.kind, self.title, self.detail) = (status, kind, title, detail)
  }

  /// The answer; `instance` is the path that was asked for.
  func response(instance: String?) -> HTTPResponse {
    var json = JSONWriter()
    json.object {
      $0.field("type", "/problems/\(kind)")
      $0.field("title", title)
      $0.field("status", status)
      $0.field("detail", detail)
      if let instance { $0.field("instance", instance) }
      for member in members {
        $0.key(member.name)
        $0.raw(member.json)
      }
    }
    var response = HTTPResponse(status: status, contentType: "application/problem+json", body: .bytes(json.bytes))
    for field in headers.fields { response.headers.append(field.name, field.value) }
    if closesConnection { response.headers.append("Connection", "close") }
    return response
  }
}

extension HTTPFailure.Member {
  /// A member that is text, or null.
  init(name: String, text: String?) {
    var json = JSONWriter()
    if let text { json.string(text) } else { json.null() }
    self.init(name: name, json: json.bytes)
  }
}
