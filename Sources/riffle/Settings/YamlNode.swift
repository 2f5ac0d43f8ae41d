/// A YAML value and the line on which it starts, counted from 1.
struct YamlNode: Sendable {
  /// One `key: value` of a mapping.
  struct Entry: Sendable {
    let key: String
    let line: Int
    let value: YamlNode
  }

  enum Content: Sendable {
    case scalar(String)
    case list([YamlNode])
    case map([Entry])
  }

  let line: Int
  let content: Content

  /// What kind of value it is, for error messages.
  var kindName: String {
    switch content {
    case .scalar: "a single value"
    case .list: "a list"
    case .map: "a map"
    }
  }
}
