import Foundation

/// Checks JSON values against the schemas of an OpenAPI document: as much of JSON Schema as `JSONSchema` writes.
struct SchemaCheck {
  private let named: [String: Any]

  init(_ document: JSON) { named = document["components"]["schemas"].value as? [String: Any] ?? [:] }

  /// What is wrong with `value`, one line for each place; empty where it fits.
  func problems(_ value: JSON, _ schema: JSON, at place: String = "$") -> [String] {
    problems(value.value ?? NSNull(), schema.value as? [String: Any] ?? [:], place)
  }

  private func problems(_ value: Any, _ schema: [String: Any], _ place: String) -> [String] {
    if let reference = schema["$ref"] as? String {
      let name = reference.split(separator: "/").last.map(String.init) ?? ""
      guard let target = named[name] as? [String: Any] else { return ["\(place): there is no schema '\(name)'"] }
      return problems(value, target, place)
    }
    if let choices = schema["anyOf"] as? [[String: Any]] {
      let found = choices.map { problems(value, $0, place) }
      return found.contains(where: \.isEmpty) ? [] : ["\(place): fits none of \(choices.count)"] + found.flatMap(\.self)
    }
    let types = schema["type"] as? [String] ?? (schema["type"] as? String).map { [$0] } ?? []
    let kinds = SchemaCheck.kinds(value)
    guard types.isEmpty || types.contains(where: kinds.contains) else {
      return ["\(place): is \(kinds.sorted()), not \(types)"]
    }
    switch value {
    case let object as [String: Any]: return problems(object, schema, place)
    case let array as [Any]:
      let items = schema["items"] as? [String: Any] ?? [:]
      return array.enumerated().flatMap { problems($0.element, items, "\(place)[\($0.offset)]") }
    case let text as String: return SchemaCheck.textProblem(text, schema).map { ["\(place): \($0)"] } ?? []
    default: return SchemaCheck.rangeProblem(value, schema).map { ["\(place): \($0)"] } ?? []
    }
  }

  private func problems(_ object: [String: Any], _ schema: [String: Any], _ place: String) -> [String] {
    let members = schema["properties"] as? [String: Any] ?? [:]
    let missing = (schema["required"] as? [String] ?? []).filter { object[$0] == nil }
    let wrong = object.sorted { $0.key < $1.key }.flatMap { name, value -> [String] in
      let inner = "\(place).\(name)"
      if let member = members[name] as? [String: Any] { return problems(value, member, inner) }
      if let others = schema["additionalProperties"] as? [String: Any] { return problems(value, others, inner) }
      return schema["properties"] == nil ? [] : ["\(inner): is not documented"]
    }
    return missing.map { "\(place).\($0): is missing" } + wrong
  }

  private static func kinds(_ value: Any) -> Set<String> {
    switch value {
    case is NSNull: return ["null"]
    case is [Any]: return ["array"]
    case is [String: Any]: return ["object"]
    case is String: return ["string"]
    case let number as NSNumber:
      if isBoolean(number) { return ["boolean"] }
      return number.doubleValue == number.doubleValue.rounded() ? ["number", "integer"] : ["number"]
    default: return []
    }
  }

  private static func isBoolean(_ number: NSNumber) -> Bool {
    let type = unsafe String(cString: number.objCType)
    return type == "c" || type == "B"
  }

  private static func textProblem(_ text: String, _ schema: [String: Any]) -> String? {
    if let words = schema["enum"] as? [String], !words.contains(text) { return "'\(text)' is none of \(words)" }
    if schema["format"] as? String == "date-time",
      text.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z/) == nil
    {
      return "'\(text)' is no time"
    }
    guard let pattern = schema["pattern"] as? String, let expression = try? Regex(pattern) else { return nil }
    return text.firstMatch(of: expression) == nil ? "'\(text)' does not match \(pattern)" : nil
  }

  private static func rangeProblem(_ value: Any, _ schema: [String: Any]) -> String? {
    guard let number = (value as? NSNumber)?.doubleValue else { return nil }
    let least = (schema["minimum"] as? NSNumber)?.doubleValue ?? -.infinity
    let most = (schema["maximum"] as? NSNumber)?.doubleValue ?? .infinity
    return number < least || number > most ? "\(number) is outside \(least) to \(most)" : nil
  }
}
