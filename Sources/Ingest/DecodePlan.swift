internal import Columns

/// What the parser does at a key.
enum KeyAction: UInt8 {
  case text, decimal, real, boolean, time, object
  /// An object whose members have rules.
  case parent
  /// Another name of a field; its value waits until it is known whether the canonical one is there.
  case alias
}

/// One key of one object, as it is compared: `"name":` in two masked words, the rest byte by byte.
struct KeyEntry {
  var first: UInt64 = 0
  var second: UInt64 = 0
  var firstMask: UInt64 = 0
  var secondMask: UInt64 = 0
  /// Bytes of `"name":`, and where they lie in the plan's texts.
  var length = 0
  var textOffset = 0
  /// The object that the key belongs to: 0 is the message, others are parents + 1.
  var level = 0
  var action = KeyAction.text
  /// The field, or the parent, that the value is for.
  var target = 0
  /// Which of the field's aliases this is.
  var aliasRank = 0
}

/// A shape, resolved once into positions, masks and tables for the parser.
@safe final class DecodePlan {
  let shape: MessageShape
  /// The rules, and behind them one without a path where the overflow column has none of its own.
  let fields: [FieldRule]
  /// The schema's column of each field.
  let columns: [Int]
  let parentNames: [String]
  /// The fields inside each parent.
  let parentFields: [UInt64]
  /// One table a level: name to key.
  let tables: [NameTable]
  let keyCount: Int
  // Invariant of every use: `keys` holds `keyCount` entries; `successors` one more per level, each below `keyCount`.
  let keys: UnsafeMutablePointer<KeyEntry>
  /// The key that came last after each key, and after each object's begin: learned from message to message.
  let successors: UnsafeMutablePointer<Int>
  /// The memory of `tables`.
  let probes: UnsafeMutablePointer<NameTable.Probe>
  let texts = ByteArena()
  /// Inner objects as they were decoded: learned from message to message.
  let objects: ObjectDictionary

  let allFields: UInt64
  let textFields: UInt64
  let booleanFields: UInt64
  let emptyIsNull: UInt64
  let required: UInt64
  /// The required fields in the order of the checks: type, time, the others.
  let requiredOrder: [Int]
  let typeField: Int
  let timeField: Int
  let identityField: Int?
  let overflowField: Int?

  init(_ shape: MessageShape) {
    self.shape = shape
    var rules = shape.fields
    if let overflow = shape.overflowColumn, !rules.contains(where: { $0.column == overflow }) {
      rules.append(FieldRule([], column: overflow, kind: .object))
    }
    DecodePlan.check(rules, shape)
    fields = rules
    columns = rules.map { rule in shape.schema.index(of: rule.column) ?? -1 }
    let field = { (column: String?) in rules.firstIndex { $0.column == column } }
    let mask = { (holds: (FieldRule) -> Bool) in
      rules.indices.reduce(UInt64(0)) { holds(rules[$1]) ? $0 | 1 << UInt64($1) : $0 }
    }
    typeField = field(shape.typeColumn) ?? 0
    timeField = field(shape.timeColumn) ?? 0
    identityField = field(shape.identityColumn)
    overflowField = field(shape.overflowColumn)
    allFields = mask { _ in true }
    textFields = mask { $0.kind == .text || $0.kind == .object }
    booleanFields = mask { $0.kind == .boolean }
    emptyIsNull = mask { $0.emptyIsNull || $0.column == shape.identityColumn }
    required = mask { $0.isRequired }
    let checked = [typeField, timeField] + rules.indices
    requiredOrder = checked.enumerated()
      .filter { rules[$0.element].isRequired && !checked[..<$0.offset].contains($0.element) }
      .map(\.element)
    var parents: [String] = []
    for rule in rules where rule.path.count == 2 && !parents.contains(rule.path[0]) { parents.append(rule.path[0]) }
    parentNames = parents
    objects = ObjectDictionary(parentCount: parents.count)
    parentFields = parents.map { name in mask { $0.path.count == 2 && $0.path[0] == name } }

    let entries = DecodePlan.entries(rules, parents)
    keyCount = entries.count
    unsafe keys = .allocate(capacity: entries.count)
    unsafe successors = .allocate(capacity: entries.count + parents.count + 1)
    unsafe successors.initialize(repeating: 0, count: entries.count + parents.count + 1)
    tables = (0...parents.count).map { level in
      NameTable(
        entries.enumerated().filter { $0.element.entry.level == level }
          .map { (Array($0.element.name.utf8), Int32($0.offset)) })
    }
    unsafe probes = .allocate(capacity: tables.count)
    for (level, table) in tables.enumerated() { unsafe (probes + level).initialize(to: table.probe) }
    for (index, (name, entry)) in entries.enumerated() {
      unsafe (keys + index).initialize(to: DecodePlan.complete(entry, name, texts))
    }
  }

  deinit {
    unsafe keys.deallocate()
    unsafe successors.deallocate()
    unsafe probes.deallocate()
  }

  private static func entries(_ rules: [FieldRule], _ parents: [String]) -> [(name: String, entry: KeyEntry)] {
    var entries = parents.enumerated().map { ($0.element, KeyEntry(action: .parent, target: $0.offset)) }
    for (field, rule) in rules.enumerated() {
      guard let name = rule.path.last else { continue }
      let level = rule.path.count == 2 ? (parents.firstIndex(of: rule.path[0]) ?? 0) + 1 : 0
      entries.append((name, KeyEntry(level: level, action: action(of: rule.kind), target: field)))
      for (rank, alias) in rule.aliases.enumerated() {
        entries.append((alias, KeyEntry(level: level, action: .alias, target: field, aliasRank: rank)))
      }
    }
    return entries
  }

  static func action(of kind: FieldRule.Kind) -> KeyAction {
    switch kind {
    case .text: .text
    case .decimal: .decimal
    case .real: .real
    case .boolean: .boolean
    case .time: .time
    case .object: .object
    }
  }

  /// `entry` with the words to compare; the text goes into `texts`.
  private static func complete(_ entry: KeyEntry, _ name: String, _ texts: ByteArena) -> KeyEntry {
    var entry = entry
    let text = Array("\"\(name)\":".utf8)
    entry.length = text.count
    entry.textOffset = texts.append(text.span)
    for (index, byte) in text.prefix(16).enumerated() {
      let shift = UInt64(index % 8 * 8)
      if index < 8 {
        entry.first |= UInt64(byte) << shift
        entry.firstMask |= 0xFF << shift
      } else {
        entry.second |= UInt64(byte) << shift
        entry.secondMask |= 0xFF << shift
      }
    }
    return entry
  }

  /// A shape that contradicts itself is our bug, found when the process starts.
  private static func check(_ rules: [FieldRule], _ shape: MessageShape) {
    precondition(rules.count <= 64, "a shape has at most 64 fields, not \(rules.count)")
    for rule in rules {
      guard let index = shape.schema.index(of: rule.column) else {
        preconditionFailure("no column is called \(rule.column)")
      }
      let type = shape.schema.fields[index].type
      let fits =
        switch rule.kind {
        case .text: type == .string
        case .object: type == .string || type == .binary
        case .decimal: type == .decimal
        case .real: type == .real
        case .boolean: type == .boolean
        case .time: type == .time
        }
      precondition(fits, "column \(rule.column) is not of its rule's kind")
      precondition(rule.path.count <= 2, "\(rule.name) lies deeper than two levels")
      for name in rule.path + rule.aliases {
        precondition(
          !name.isEmpty && name.utf8.count <= 60
            && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"\\{}".utf8.contains($0) },
          "the member name \(name) is not plain")
      }
    }
    var names: [[String]] = []
    for rule in rules where !rule.path.isEmpty {
      names.append(rule.path)
      for alias in rule.aliases { names.append(Array(rule.path.dropLast()) + [alias]) }
    }
    let parents = Set(rules.filter { $0.path.count == 2 }.map { [$0.path[0]] })
    precondition(Set(names).count == names.count && parents.isDisjoint(with: names), "a member has two rules")
    let filled = rules.map(\.column) + [shape.sourceColumn, shape.offsetColumn].compactMap { $0 }
    precondition(Set(filled).count == filled.count, "a column is filled twice")
    precondition(Set(filled) == Set(shape.schema.fields.map(\.name)), "a column has no rule")
    precondition(rules.contains { $0.column == shape.typeColumn && $0.kind == .text }, "there is no type column")
    precondition(rules.contains { $0.column == shape.timeColumn && $0.kind == .time }, "there is no time column")
  }
}
