import Serving
import Telemetry

/// A value that has been checked against its setting.
enum SettingValue: Sendable, Equatable {
  case duration(milliseconds: Int64)
  case size(bytes: Int)
  case integer(Int)
  case boolean(Bool)
  case text(String)
  case list([String])
  /// Names in the order of the text.
  case map([NamePair])
  case rollups([RollupSetting])
  /// Like `map`; secrets among the values are not printed.
  case properties([NamePair])
  /// Their hashes are not printed.
  case keys([APIKey])

  /// One entry of a map of names.
  struct NamePair: Sendable, Equatable {
    let name: String
    let value: String

    /// The value, or asterisks where the name says that it is a secret.
    var shownValue: String {
      let lowercased = name.lowercased()
      return ["password", "secret", "key"].contains { lowercased.contains($0) } ? "***" : value
    }
  }

  /// As it may be written in the file or after `--set`, with the unit.
  var text: String {
    switch self {
    case .duration(let milliseconds): DurationText.format(milliseconds)
    case .size(let bytes): SizeText.format(Int64(bytes))
    case .integer(let number): "\(number)"
    case .boolean(let flag): "\(flag)"
    case .text(let text): text.isEmpty ? "\"\"" : text
    case .list(let names): "[\(names.map(Self.listed).joined(separator: ", "))]"
    case .map(let pairs): "{\(pairs.map { "\($0.name): \($0.value)" }.joined(separator: ", "))}"
    case .properties(let pairs): "{\(pairs.map { "\($0.name): \($0.shownValue)" }.joined(separator: ", "))}"
    case .rollups(let rollups): "[\(rollups.map(Self.text).joined(separator: ", "))]"
    case .keys(let keys): "[\(keys.map(Self.text).joined(separator: ", "))]"
    }
  }

  /// Numbers in base units (milliseconds, bytes), text as strings.
  var json: String {
    switch self {
    case .duration(let milliseconds): "\(milliseconds)"
    case .size(let bytes): "\(bytes)"
    case .integer(let number): "\(number)"
    case .boolean(let flag): "\(flag)"
    case .text(let text): JSONText.string(text)
    case .list(let names): JSONText.array(names.map(JSONText.string))
    case .map(let pairs): JSONText.object(pairs.map { ($0.name, JSONText.string($0.value)) })
    case .properties(let pairs): JSONText.object(pairs.map { ($0.name, JSONText.string($0.shownValue)) })
    case .rollups(let rollups): JSONText.array(rollups.map(Self.json))
    case .keys(let keys): JSONText.array(keys.map(Self.json))
    }
  }

  /// An element of a list; a star alone would mean something else in YAML.
  private static func listed(_ text: String) -> String { text.hasPrefix("*") ? "\"\(text)\"" : text }

  private static func scopes(_ key: APIKey) -> [String] {
    HTTPScope.allCases.filter(key.scopes.contains).map(\.rawValue)
  }

  private static func text(_ key: APIKey) -> String {
    let rate = key.requestsPerSecond.map { ", requests_per_second: \($0)" } ?? ""
    return "{name: \(key.name), sha256: ***, scopes: [\(scopes(key).joined(separator: ", "))]\(rate)}"
  }

  private static func json(_ key: APIKey) -> String {
    var members = [
      (name: "name", json: JSONText.string(key.name)), ("sha256", JSONText.string("***")),
      ("scopes", JSONText.array(scopes(key).map(JSONText.string))),
    ]
    if let rate = key.requestsPerSecond { members.append(("requests_per_second", "\(rate)")) }
    return JSONText.object(members)
  }

  private static func text(_ rollup: RollupSetting) -> String {
    let groups = rollup.groupBy.isEmpty ? "" : ", group_by: [\(rollup.groupBy.joined(separator: ", "))]"
    return "{name: \(rollup.name), window: \(rollup.window.text)\(groups)}"
  }

  private static func json(_ rollup: RollupSetting) -> String {
    JSONText.object([
      ("name", JSONText.string(rollup.name)), ("window", JSONText.string(rollup.window.text)),
      ("group_by", JSONText.array(rollup.groupBy.map(JSONText.string))),
    ])
  }
}
