internal import Synchronization

/// Decides who may ask: by the name that is asked for, the key that is shown, the rate of requests, and the scope that
/// a route needs. Without rules everybody may do everything.
///
///     var rules = Gatekeeper.Rules()
///     rules.keys = [key]
///     rules.anonymousScopes = []
///     let server = HTTPServer(listen: address, router: router, gatekeeper: Gatekeeper(rules))
public final class Gatekeeper: Sendable {
  public struct Rules: Sendable {
    public var keys: [APIKey] = []
    /// What requests without a key may do.
    public var anonymousScopes = Set(HTTPScope.allCases)
    /// Requests per second of an address that shows no key; nil for no limit.
    public var addressRequestsPerSecond: Int?
    /// Whether that holds for clients on this machine.
    public var limitsLoopback = false
    /// The names under which the server may be asked; nil for any.
    public var hosts: [String]?
    /// Proxies that are believed where they say whom they ask for.
    public var trustedProxies: [AddressRange] = []
    /// Origins whose pages may ask, such as `https://shop.example`; `*` for all.
    public var origins: [String] = []

    public init() {}
  }

  private struct State {
    /// When each key, by its position, is even again; see `RequestRate`.
    var keys: [UInt64]
    var addresses: RequestRates<ClientAddress>
  }

  /// The header fields that a key may be in, beside `Authorization: Bearer`.
  private static let headers = ["X-API-Key", "X-Analytics-Key"]

  private let rules: Rules
  private let hosts: HostNames?
  private let crossOrigin: CrossOrigin
  private let proxies: TrustedProxies
  private let state: Mutex<State>

  public init(_ rules: Rules = Rules()) {
    self.rules = rules
    hosts = rules.hosts.map { HostNames($0) }
    crossOrigin = CrossOrigin(origins: Set(rules.origins))
    proxies = TrustedProxies(rules.trustedProxies)
    let rate = RequestRate(perSecond: rules.addressRequestsPerSecond ?? 1)
    state = Mutex(State(keys: rules.keys.map { _ in 0 }, addresses: RequestRates(rate)))
  }

  /// The address of whoever asks, which is not `peer` where that is a proxy.
  func client(of peer: ClientAddress, _ head: RequestHead) -> ClientAddress { proxies.client(of: peer, head.headers) }

  /// Who asks. Whoever guesses keys is slowed down like anybody without one.
  func identify(
    _ head: RequestHead, from address: ClientAddress, at nanoseconds: UInt64
  ) throws(HTTPFailure) -> Caller {
    try hosts?.check(head.headers)
    guard !rules.keys.isEmpty, let text = Gatekeeper.shownKey(head.headers) else {
      try countAddress(address, at: nanoseconds)
      return Caller(keyName: nil, scopes: rules.anonymousScopes)
    }
    guard let index = index(of: text) else {
      try countAddress(address, at: nanoseconds)
      throw .unauthenticated("this key is not known here; http.keys has the hashes of those that are")
    }
    try countKey(index, at: nanoseconds)
    return Caller(keyName: rules.keys[index].name, scopes: rules.keys[index].scopes)
  }

  /// Refuses a caller that may not ask a route of this scope; nil is open to all.
  func authorize(_ caller: Caller, _ scope: HTTPScope?, _ head: RequestHead) throws(HTTPFailure) {
    if let scope, !caller.scopes.contains(scope) {
      guard let name = caller.keyName else {
        throw .unauthenticated("show a key of scope '\(scope.rawValue)' as X-API-Key or Authorization: Bearer")
      }
      throw .forbidden("key '\(name)' has not the scope '\(scope.rawValue)', which this needs")
    }
    try crossOrigin.check(head)
  }

  /// What browsers must know of an answer.
  func addHeaders(to response: inout HTTPResponse, for head: RequestHead) {
    crossOrigin.addHeaders(to: &response, for: head)
  }

  private static func shownKey(_ headers: HTTPHeaders) -> String? {
    for name in Gatekeeper.headers { if let key = headers[name] { return key } }
    guard let credentials = headers["Authorization"] else { return nil }
    let words = credentials.split(separator: " ", maxSplits: 1)
    return words.count == 2 && HTTPHeaders.isSame(String(words[0]), "Bearer") ? String(words[1]) : nil
  }

  /// Compares with all keys, whichever it is.
  private func index(of text: String) -> Int? {
    let digest = Secrets.digest(Array(text.utf8))
    var found: Int?
    for (index, key) in rules.keys.enumerated() where Secrets.isEqual(key.digest, digest) { found = index }
    return found
  }

  private func countKey(_ index: Int, at nanoseconds: UInt64) throws(HTTPFailure) {
    guard let perSecond = rules.keys[index].requestsPerSecond else { return }
    let wait = state.withLock { RequestRate(perSecond: perSecond).take(&$0.keys[index], at: nanoseconds) }
    if let wait { throw .tooManyRequests("this key has \(perSecond) requests per second", waitNanoseconds: wait) }
  }

  private func countAddress(_ address: ClientAddress, at nanoseconds: UInt64) throws(HTTPFailure) {
    guard let perSecond = rules.addressRequestsPerSecond, rules.limitsLoopback || !address.isLoopback else { return }
    let wait = state.withLock { $0.addresses.take(address.network, at: nanoseconds) }
    if let wait {
      throw .tooManyRequests(
        "an address without a key has \(perSecond) requests per second", waitNanoseconds: wait)
    }
  }
}

/// Who asks, once that is known.
struct Caller: Sendable, Equatable {
  /// Nil without a key.
  let keyName: String?
  let scopes: Set<HTTPScope>
}
