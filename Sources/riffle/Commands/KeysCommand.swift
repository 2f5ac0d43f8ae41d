import Serving
import Telemetry

/// `riffle keys create`.
enum KeysCommand {
  static func create(_ arguments: ParsedArguments) throws(CommandError) -> ExitCode {
    try Terminal.result(text(arguments, NewAPIKey()))
    return .success
  }

  /// The key, which is nowhere else, and what the settings are told of it.
  static func text(_ arguments: ParsedArguments, _ key: NewAPIKey) throws(CommandError) -> String {
    let name = arguments.text("name") ?? ""
    guard KeyReader.isName(name) else {
      throw .usage("keys create: --name must be at most 64 letters, digits, '.', '_' or '-'; it is '\(name)'")
    }
    let scopes = try scopes(arguments.text("scopes") ?? "")
    let rate = arguments.integer("requests-per-second")
    guard !arguments.has("json") else {
      var members = [
        (name: "key", json: JSONText.string(key.text)), ("name", JSONText.string(name)),
        ("sha256", JSONText.string(key.digestText)), ("scopes", JSONText.array(scopes.map(JSONText.string))),
      ]
      if let rate { members.append(("requests_per_second", "\(rate)")) }
      return JSONText.object(members) + "\n"
    }
    return """
      The key, shown only now; clients send it as X-API-Key:

      \(key.text)

      What the settings are told of it:

      http.keys:
        - name: \(name)
          sha256: \(key.digestText)
          scopes: [\(scopes.joined(separator: ", "))]

      """ + (rate.map { "    requests_per_second: \($0)\n" } ?? "")
  }

  private static func scopes(_ text: String) throws(CommandError) -> [String] {
    let known = HTTPScope.allCases.map(\.rawValue)
    var scopes: [String] = []
    for word in text.split(separator: ",").map({ String($0.filter { $0 != " " }) }) where !scopes.contains(word) {
      guard known.contains(word) else {
        throw .usage(
          "keys create: --scopes must be of \(known.joined(separator: ", ")); it has '\(word)'"
            + NearestName.hint(word, among: known))
      }
      scopes.append(word)
    }
    guard !scopes.isEmpty else { throw .usage("keys create: --scopes must be of \(known.joined(separator: ", "))") }
    return scopes
  }
}
