/// Tells who asks through proxies that are trusted to say so in `X-Forwarded-For`.
///
/// Each proxy appends the address that it was asked from. Read from the end, the list is true for as long as the
/// proxies are ours; the first other address is the client's, and what stands before it was written by the client.
struct TrustedProxies: Sendable {
  private static let header = "X-Forwarded-For"

  private let ranges: [AddressRange]

  init(_ ranges: [AddressRange]) { self.ranges = ranges }

  /// The client of a request that came from `peer`: that address itself, unless it is a proxy's. O(proxies on the way).
  func client(of peer: ClientAddress, _ headers: HTTPHeaders) -> ClientAddress {
    guard isTrusted(peer) else { return peer }
    var client = peer
    for field in headers.values(TrustedProxies.header).reversed() {
      for entry in field.split(separator: ",", omittingEmptySubsequences: false).reversed() {
        // Where an entry is no address, the proxy that was asked last is as far as we know.
        guard let address = TrustedProxies.address(entry) else { return client }
        client = address
        guard isTrusted(client) else { return client }
      }
    }
    return client
  }

  private func isTrusted(_ address: ClientAddress) -> Bool { ranges.contains { $0.contains(address) } }

  /// An address, which some proxies write with the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`.
  private static func address(_ entry: Substring) -> ClientAddress? {
    let text = entry.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
    if text.hasPrefix("[") { return ClientAddress(text.dropFirst().prefix { $0 != "]" }) }
    let isNamedWithPort = text.contains(".") && text.count(where: { $0 == ":" }) == 1
    return ClientAddress(isNamedWithPort ? text.prefix { $0 != ":" } : text)
  }
}
