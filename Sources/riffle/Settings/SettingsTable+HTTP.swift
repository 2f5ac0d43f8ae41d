extension SettingsTable {
  /// Where a live run answers, and whom.
  static let http: [SettingSpecification] = [
    .text(
      "http.listen", \.httpListen, .text(.listen), default: "127.0.0.1:8000", "Where a live run answers over HTTP"),
    SettingSpecification(
      key: "http.keys", kind: .keys, defaultText: "[]",
      summary: "Keys that clients show as X-API-Key or Authorization: Bearer; 'riffle keys create' makes one"
    ) { settings, value in
      if case .keys(let keys) = value { settings.httpKeys = keys }
    },
    .boolean(
      "http.open", \.httpIsOpen, default: "false",
      "Whether other machines may ask without any key; else listening beyond loopback needs keys"),
    .texts(
      "http.anonymous_scopes", \.httpAnonymousScopes, .scope,
      "What requests without a key may do where there are keys, beside asking for /health and /ready"),
    .integer(
      "http.address_rate", \.httpAddressRequestsPerSecond, default: "100", 0...1_000_000,
      "Requests per second of an address that shows no key, 0 for no limit; without keys loopback has none"),
    .integer(
      "http.address_connections", \.httpAddressConnections, default: "200", 0...100_000,
      "Open connections of one address, 0 for no limit; a server that listens on loopback has none"),
    .texts(
      "http.trusted_proxies", \.httpTrustedProxies, .addresses,
      "Proxies whose X-Forwarded-For says who asks, for http.address_rate and the audit log; from others it is not read"
    ),
    .text(
      "http.audit_file", \.httpAuditPath, .text(.path), default: "\"\"",
      "A file to which a line is added for each export, query and change of the server; 'riffle audit verify' tells "
        + "whether one was changed or taken out. The log has the lines too"),
    .texts(
      "http.hosts", \.httpHosts, .host,
      "Names under which the server may be asked; with none, loopback answers to its own and other addresses to any"),
    .texts(
      "http.cors.origins", \.httpOrigins, .origin,
      "Origins of pages that may ask and send events"),
    .text(
      "http.tls.certificate", \.httpCertificatePath, .text(.path), default: "\"\"",
      "The file of the server's certificate in PEM, with those up to an authority; with it only TLS is spoken. New "
        + "files are taken up within seconds"),
    .text(
      "http.tls.key", \.httpKeyPath, .text(.path), default: "\"\"",
      "The file of its private key in PEM"),
    .size(
      "http.collect.max_bytes", \.httpCollectBytes, default: "8 MiB", 1024...(64 << 20),
      "The size of one POST /collect; an event for POST /track is as large as max_message_bytes"),
  ]
}
