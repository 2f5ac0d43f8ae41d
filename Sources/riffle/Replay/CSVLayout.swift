import Commerce
import Ingest
import Telemetry

/// Which fields the columns of a CSV file are, as `--map` says: `column=field`; a column without a field is left out,
/// one that is not named is the field of its own name.
struct CSVMapping: Sendable, Equatable {
  private(set) var fields: [String: String] = [:]

  /// Of `column=field` separated by commas, in one or several texts.
  init(_ texts: [String]) throws(CommandError) {
    for text in texts.flatMap({ $0.split(separator: ",") }) {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw .usage("replay: --map needs COLUMN=FIELD, separated by commas; '\(text)' is not")
      }
      if let other = fields.updateValue(parts[1], forKey: parts[0]) {
        throw .usage("replay: --map names column '\(parts[0])' twice, for '\(other)' and '\(parts[1])'")
      }
    }
  }
}

/// How the records of one CSV file become events.
struct CSVLayout {
  private struct Member {
    /// `"price":`, ready to be written.
    let prefix: [UInt8]
    let column: Int
    /// Nil for a field that events do not have; it becomes a property.
    let kind: FieldRule.Kind?
  }

  let columnCount: Int
  private let members: [Member]
  /// Members of inner objects, such as `utm`.
  private let objects: [(prefix: [UInt8], members: [Member])]

  init(columns: [String], _ mapping: CSVMapping, path: String) throws(CommandError) {
    columnCount = columns.count
    if let unknown = mapping.fields.keys.sorted().first(where: { !columns.contains($0) }) {
      let hint = NearestName.hint(unknown, among: columns)
      let known = "; it has \(columns.joined(separator: ", "))"
      throw .usage("replay: \(path) has no column '\(unknown)', which --map names\(hint.isEmpty ? known : hint)")
    }
    var members: [Member] = []
    var inner: [(parent: String, members: [Member])] = []
    var taken: [[String]: String] = [:]
    for (index, column) in columns.enumerated() {
      let field = mapping.fields[column] ?? column
      guard !field.isEmpty else { continue }
      let (path:memberPath, kind:kind) = CSVLayout.member(field)
      if let other = taken.updateValue(column, forKey: memberPath) {
        throw .usage("replay: columns '\(other)' and '\(column)' of \(path) are both '\(field)'; --map one to another")
      }
      let member = Member(prefix: Array("\(JSONText.string(memberPath.last ?? "")):".utf8), column: index, kind: kind)
      if memberPath.count == 1 {
        members.append(member)
      } else if let position = inner.firstIndex(where: { $0.parent == memberPath[0] }) {
        inner[position].members.append(member)
      } else {
        inner.append((memberPath[0], [member]))
      }
    }
    self.members = members
    objects = inner.map { (Array("\(JSONText.string($0.parent)):".utf8), $0.members) }
  }

  /// The event of a record, as JSON.
  func event(_ cells: [[UInt8]]) -> [UInt8] {
    var event = [UInt8(ascii: "{")]
    append(members, cells, to: &event)
    for object in objects {
      var inner: [UInt8] = []
      append(object.members, cells, to: &inner)
      guard !inner.isEmpty else { continue }
      if event.count > 1 { event.append(UInt8(ascii: ",")) }
      event += object.prefix + [UInt8(ascii: "{")] + inner + [UInt8(ascii: "}")]
    }
    event.append(UInt8(ascii: "}"))
    return event
  }

  private func append(_ members: [Member], _ cells: [[UInt8]], to event: inout [UInt8]) {
    for member in members where !cells[member.column].isEmpty {
      if let last = event.last, last != UInt8(ascii: "{") || event.count > 1 { event.append(UInt8(ascii: ",")) }
      event += member.prefix
      CSVValue.append(cells[member.column], member.kind, to: &event)
    }
  }

  /// Where a field goes: by its name (`utm.source`), the name of its column (`utm_source`), or an alias.
  private static func member(_ field: String) -> (path: [String], kind: FieldRule.Kind?) {
    for rule in EventSchema.fields {
      if rule.name == field || rule.column == field { return (rule.path, rule.kind) }
      if rule.aliases.contains(field) { return ([field], rule.kind) }
    }
    return ([field], nil)
  }
}
