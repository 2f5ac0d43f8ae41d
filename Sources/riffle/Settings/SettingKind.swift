/// What a setting may hold, and how a YAML value becomes one.
enum SettingKind: Sendable {
  case duration(ClosedRange<Int64>)
  case size(ClosedRange<Int>)
  case integer(ClosedRange<Int>)
  case boolean
  case choice([String])
  case currency
  case timeZone
  /// Names of event types; a trailing `.*` stands for a family.
  case names
  /// A map from names to names.
  case nameMap
  case rollups
  /// Keys of the HTTP server, by their hashes; these must not appear in any message.
  case keys
  /// A list of texts, each of which follows a rule.
  case texts(TextRule)
  /// A text that follows a rule.
  case text(TextRule)
  /// A map from names to texts, some of which are secrets: they must not appear in any message.
  case properties

  /// Why a value was refused.
  struct Problem: Error, Equatable {
    let message: String
    /// The line of the offending part, where it is not the value's own.
    var line: Int?
  }

  /// The unit of the value in `config check --json`.
  var unit: String? {
    switch self {
    case .duration: "milliseconds"
    case .size: "bytes"
    default: nil
    }
  }

  /// What is allowed, to follow "must be".
  var allowed: String {
    switch self {
    case .duration(let range):
      "a duration from \(DurationText.format(range.lowerBound)) to \(DurationText.format(range.upperBound)), "
        + "like '90 s' or '10 minutes'"
    case .size(let range):
      "a size from \(SizeText.format(Int64(range.lowerBound))) to \(SizeText.format(Int64(range.upperBound))), "
        + "like '64 MiB'"
    case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .boolean: "true or false"
    case .choice(let names): names.joined(separator: " or ")
    case .currency: "a currency of three capital letters, like EUR, or \"\" for none"
    case .timeZone: "UTC or a time zone of this system's database, like Europe/Berlin"
    case .names: "a list of event types in lower case, like [page_view, order.*]"
    case .nameMap: "a map from foreign names to event types, like {view: page_view}"
    case .text(let rule): rule.allowed
    case .properties: "a map from names to values, like {security.protocol: SSL}"
    case .rollups: "a list of {name: kpi_…, window: …, group_by: […]}"
    case .keys: KeyReader.allowed
    case .texts(let rule): "a list, of which each is \(rule.allowed)"
    }
  }

  /// Reads what the file holds, or what the environment and `--set` hold: there a list, a map or rollups is in YAML's
  /// flow style, and a list may also be separated by commas alone.
  func value(of node: YamlNode) throws(Problem) -> SettingValue {
    switch node.content {
    case .scalar(let text):
      if let value = scalarValue(text) { return value }
      if isSecret { break }
      throw Problem(message: "must be \(allowed); it is '\(text)'")
    case .list(let elements):
      switch self {
      case .names: return .list(try names(elements))
      case .rollups: return .rollups(try RollupReader.rollups(elements))
      case .keys: return .keys(try KeyReader.keys(elements))
      case .texts(let rule): return .list(try texts(elements, rule))
      default: break
      }
    case .map(let entries):
      if case .nameMap = self { return .map(try pairs(entries)) }
      if case .properties = self { return .properties(try properties(entries)) }
    }
    throw Problem(message: "must be \(allowed); it is \(node.kindName)", line: node.line)
  }

  /// Whether what was given must not be repeated in messages.
  private var isSecret: Bool {
    switch self {
    case .properties, .keys: true
    default: false
    }
  }

  private func scalarValue(_ text: String) -> SettingValue? {
    switch self {
    case .duration(let range):
      return DurationText.parse(text).flatMap { range.contains($0) ? .duration(milliseconds: $0) : nil }
    case .size(let range):
      return SizeText.parse(text).flatMap { range.contains(Int($0)) ? .size(bytes: Int($0)) : nil }
    case .integer(let range): return Int(text).flatMap { range.contains($0) ? .integer($0) : nil }
    case .boolean: return Bool(text).map(SettingValue.boolean)
    case .choice(let names): return names.contains(text) ? .text(text) : nil
    case .currency:
      let isCode = text.utf8.count == 3 && text.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
      return isCode || text.isEmpty ? .text(text) : nil
    case .timeZone: return TimeZoneName.isKnown(text) ? .text(text) : nil
    case .names:
      let names = text.split(separator: ",").map { trimmed($0) }
      return !names.isEmpty && names.allSatisfy(EventTypeName.isPattern) ? .list(names) : nil
    case .nameMap: return text.isEmpty ? .map([]) : nil
    case .properties: return text.isEmpty ? .properties([]) : nil
    case .text(let rule): return rule.allows(text) ? .text(text) : nil
    case .rollups: return nil
    case .keys: return text.isEmpty ? .keys([]) : nil
    case .texts(let rule):
      let texts = text.split(separator: ",").map { trimmed($0) }
      return texts.allSatisfy(rule.allows) ? .list(texts) : nil
    }
  }

  private func texts(_ elements: [YamlNode], _ rule: TextRule) throws(Problem) -> [String] {
    var texts: [String] = []
    for element in elements {
      guard case .scalar(let text) = element.content, rule.allows(text), !texts.contains(text) else {
        let what = if case .scalar(let text) = element.content { "'\(text)'" } else { element.kindName }
        throw Problem(message: "must be \(allowed), once; \(what) is not", line: element.line)
      }
      texts.append(text)
    }
    return texts
  }

  private func names(_ elements: [YamlNode]) throws(Problem) -> [String] {
    var names: [String] = []
    for element in elements {
      guard case .scalar(let name) = element.content, EventTypeName.isPattern(name), !names.contains(name) else {
        let what = if case .scalar(let name) = element.content { "'\(name)'" } else { element.kindName }
        throw Problem(message: "must be \(allowed), each once; \(what) is not", line: element.line)
      }
      names.append(name)
    }
    guard !names.isEmpty else { throw Problem(message: "must be \(allowed); it is empty") }
    return names
  }

  private func pairs(_ entries: [YamlNode.Entry]) throws(Problem) -> [SettingValue.NamePair] {
    var pairs: [SettingValue.NamePair] = []
    for entry in entries {
      guard case .scalar(let value) = entry.value.content, EventTypeName.isName(value), !entry.key.isEmpty else {
        throw Problem(message: "must be \(allowed); '\(entry.key)' has no event type", line: entry.line)
      }
      pairs.append(SettingValue.NamePair(name: entry.key, value: value))
    }
    return pairs
  }

  private func properties(_ entries: [YamlNode.Entry]) throws(Problem) -> [SettingValue.NamePair] {
    var pairs: [SettingValue.NamePair] = []
    for entry in entries {
      guard case .scalar(let value) = entry.value.content, !entry.key.isEmpty else {
        throw Problem(message: "must be \(allowed); '\(entry.key)' has no single value", line: entry.line)
      }
      pairs.append(SettingValue.NamePair(name: entry.key, value: value))
    }
    return pairs
  }

  private func trimmed(_ text: Substring) -> String {
    let start = text.drop { $0 == " " }
    return String(start.reversed().drop { $0 == " " }.reversed())
  }
}
