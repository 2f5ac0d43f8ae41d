internal import Telemetry

extension JSONSchema {
  /// The schema as JSON; named ones are references into `components`.
  func write(to json: inout JSONWriter) {
    json.object { writeMembers(to: &$0) }
  }

  /// The named schemas in it, and those in them.
  func collectNamed(into named: inout [String: JSONSchema]) {
    switch self {
    case .any, .boolean, .integer, .number, .text, .choice: break
    case .array(let inner), .nullable(let inner), .described(_, let inner): inner.collectNamed(into: &named)
    case .members(let members, let others):
      members.forEach { $0.schema.collectNamed(into: &named) }
      others?.collectNamed(into: &named)
    case .either(let schemas): schemas.forEach { $0.collectNamed(into: &named) }
    case .named(let name, let inner):
      if named.updateValue(inner, forKey: name) == nil { inner.collectNamed(into: &named) }
    }
  }

  private func writeMembers(to json: inout JSONWriter) {
    switch self {
    case .any: break
    case .boolean, .integer, .number, .text: writeSimple(isNullable: false, to: &json)
    case .choice(let words):
      json.field("type", "string")
      json.key("enum")
      json.array { json in words.forEach { json.string($0) } }
    case .array(let inner):
      json.field("type", "array")
      json.key("items")
      inner.write(to: &json)
    case .members(let members, let others): JSONSchema.writeObject(members, others, to: &json)
    case .nullable(let inner): writeNullable(inner, to: &json)
    case .either(let schemas): JSONSchema.write(anyOf: schemas, to: &json)
    case .named(let name, _): json.field("$ref", "#/components/schemas/\(name)")
    case .described(let text, let inner):
      json.field("description", text)
      inner.writeMembers(to: &json)
    }
  }

  private func writeNullable(_ inner: JSONSchema, to json: inout JSONWriter) {
    switch inner {
    case .boolean, .integer, .number, .text: inner.writeSimple(isNullable: true, to: &json)
    case .described(let text, let schema):
      json.field("description", text)
      writeNullable(schema, to: &json)
    default:
      json.key("anyOf")
      json.array { json in
        inner.write(to: &json)
        json.object { $0.field("type", "null") }
      }
    }
  }

  private func writeSimple(isNullable: Bool, to json: inout JSONWriter) {
    func type(_ name: String) {
      guard isNullable else { return json.field("type", name) }
      json.key("type")
      json.array { json in [name, "null"].forEach { json.string($0) } }
    }
    switch self {
    case .boolean: type("boolean")
    case .integer(let range):
      type("integer")
      if let range {
        json.field("minimum", range.lowerBound)
        if range.upperBound < .max { json.field("maximum", range.upperBound) }
      }
    case .number: type("number")
    case .text(let format, let pattern):
      type("string")
      if let format { json.field("format", format) }
      if let pattern { json.field("pattern", pattern) }
    default: break
    }
  }

  private static func write(anyOf schemas: [JSONSchema], to json: inout JSONWriter) {
    json.key("anyOf")
    json.array { json in schemas.forEach { $0.write(to: &json) } }
  }

  private static func writeObject(_ members: [Member], _ others: JSONSchema?, to json: inout JSONWriter) {
    json.field("type", "object")
    json.key("properties")
    json.object { json in
      for member in members {
        json.key(member.name)
        member.schema.write(to: &json)
      }
    }
    let required = members.filter { !$0.isOptional }
    if !required.isEmpty {
      json.key("required")
      json.array { json in required.forEach { json.string($0.name) } }
    }
    json.key("additionalProperties")
    if let others { others.write(to: &json) } else { json.boolean(false) }
  }
}
