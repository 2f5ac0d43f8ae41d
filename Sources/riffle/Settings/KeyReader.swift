import Serving
import Telemetry

/// Reads the setting `http.keys`. No message repeats a value: someone may have written the key itself.
enum KeyReader {
  static let allowed = "a list of {name: …, sha256: …, scopes: […], requests_per_second: …}, the last at will"

  private static let fields = ["name", "sha256", "scopes", "requests_per_second"]
  private static let rates = 1...1_000_000

  static func keys(_ elements: [YamlNode]) throws(SettingKind.Problem) -> [APIKey] {
    var keys: [APIKey] = []
    for element in elements {
      let key = try key(element)
      if keys.contains(where: { $0.name == key.name }) {
        throw problem("the name '\(key.name)' is used twice", element.line)
      }
      if let other = keys.first(where: { $0.isSameSecret(as: key) }) {
        throw problem("'\(other.name)' and '\(key.name)' are the same key", element.line)
      }
      keys.append(key)
    }
    return keys
  }

  private static func key(_ node: YamlNode) throws(SettingKind.Problem) -> APIKey {
    guard case .map(let entries) = node.content else {
      throw problem("a key must be a map of name, sha256 and scopes; it is \(node.kindName)", node.line)
    }
    for entry in entries where !fields.contains(entry.key) {
      throw problem("a key has name, sha256, scopes and requests_per_second, and nothing else", entry.line)
    }
    func entry(_ name: String) -> YamlNode.Entry? { entries.first { $0.key == name } }
    guard let name = entry("name").flatMap({ text($0) }), isName(name) else {
      throw problem("a key needs a name: at most 64 letters, digits, '.', '_' or '-'", node.line)
    }
    guard let scopes = entry("scopes") else { throw problem("key '\(name)' needs scopes, like [read]", node.line) }
    let rate = entry("requests_per_second")
    let requestsPerSecond = rate.flatMap { text($0) }.flatMap { Int($0) }
    if let rate, !rates.contains(requestsPerSecond ?? 0) {
      throw problem("requests_per_second must be a whole number from 1 to \(rates.upperBound)", rate.line)
    }
    let digest = entry("sha256").flatMap { text($0) } ?? ""
    guard
      let key = APIKey(
        name: name, digestText: digest, scopes: try scopeSet(scopes), requestsPerSecond: requestsPerSecond)
    else {
      throw problem(
        "key '\(name)' needs sha256: the 64 hexadecimal digits that 'riffle keys create' prints, not the key itself",
        entry("sha256")?.line ?? node.line)
    }
    return key
  }

  private static func scopeSet(_ entry: YamlNode.Entry) throws(SettingKind.Problem) -> Set<HTTPScope> {
    var scopes: Set<HTTPScope> = []
    guard case .list(let elements) = entry.value.content, !elements.isEmpty else {
      throw problem("scopes must be a list of \(TextRule.scope.allowed)", entry.line)
    }
    for element in elements {
      guard case .scalar(let text) = element.content, let scope = HTTPScope(rawValue: text) else {
        throw problem("scopes must be a list of \(TextRule.scope.allowed)", element.line)
      }
      scopes.insert(scope)
    }
    return scopes
  }

  /// Whether `text` can stand in a log line.
  static func isName(_ text: String) -> Bool { text.utf8.count <= 64 && TextRule.group.allows(text) }

  private static func text(_ entry: YamlNode.Entry) -> String? {
    if case .scalar(let text) = entry.value.content { text } else { nil }
  }

  private static func problem(_ message: String, _ line: Int) -> SettingKind.Problem {
    SettingKind.Problem(message: message, line: line)
  }
}
