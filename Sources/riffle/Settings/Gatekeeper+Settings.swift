import Serving

extension Gatekeeper.Rules {
  /// Who may ask, by the settings.
  ///
  /// - Throws: a usage error where strangers could ask and nobody said that they may.
  init(_ settings: Settings) throws(CommandError) {
    guard let address = HTTPAddress(settings.httpListen) else {
      throw .usage("http.listen: '\(settings.httpListen)' is no address; write HOST:PORT")
    }
    guard address.isLoopback || !settings.httpKeys.isEmpty || settings.httpIsOpen else {
      throw .usage(
        "http.listen: other machines reach \(address), and http.keys has no key; make one with 'riffle keys create', "
          + "listen on 127.0.0.1, or set http.open=true if everybody may ask")
    }
    self.init()
    keys = settings.httpKeys
    if !keys.isEmpty {
      let scopes = settings.httpAnonymousScopes.compactMap { HTTPScope(rawValue: $0) }
      anonymousScopes = settings.httpIsOpen ? Set(HTTPScope.allCases) : Set(scopes)
    }
    let rate = settings.httpAddressRequestsPerSecond
    addressRequestsPerSecond = rate > 0 ? rate : nil
    limitsLoopback = !keys.isEmpty
    if address.isLoopback || !settings.httpHosts.isEmpty {
      // Port and brackets do not matter here.
      hosts = ["localhost", "127.0.0.1", "[::1]", address.description] + settings.httpHosts
    }
    origins = settings.httpOrigins
    trustedProxies = settings.httpTrustedProxies.compactMap { AddressRange($0) }
  }
}
