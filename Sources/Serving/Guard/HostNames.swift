/// The names under which the server may be asked. A page of a stranger whose name was made to resolve to our address
/// (DNS rebinding) is told apart by the name that its browser then asks for.
struct HostNames: Sendable {
  private let names: Set<String>

  init(_ names: some Sequence<String>) { self.names = Set(names.map(HostNames.name)) }

  func check(_ headers: HTTPHeaders) throws(HTTPFailure) {
    guard let host = headers["Host"], !names.contains(HostNames.name(host)) else { return }
    throw .misdirected(host: HostNames.name(host))
  }

  /// Without the port and the final dot, in lower case.
  static func name(_ host: String) -> String {
    let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
    return (name.hasSuffix(".") ? name.dropLast() : name).lowercased()
  }
}
