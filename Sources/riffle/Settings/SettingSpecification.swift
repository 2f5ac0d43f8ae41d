/// One setting as the settings table declares it.
struct SettingSpecification: Sendable {
  /// Dotted: `sessions.gap`.
  let key: String
  let kind: SettingKind
  /// As it would be written in the file.
  let defaultText: String
  /// What it does, one line, without a full stop.
  let summary: String
  /// Names under which other platforms know it; accepted in the file and after `--set`.
  var aliases: [String] = []
  /// Writes a value of `kind` where the engine reads it.
  let store: @Sendable (inout Settings, SettingValue) -> Void

  /// The environment variable that overrides it: `RIFFLE_SESSIONS_GAP`.
  var environmentVariable: String {
    SettingsTable.environmentPrefix + key.uppercased().replacing(".", with: "_")
  }
}

extension SettingSpecification {
  typealias Field<Value> = any WritableKeyPath<Settings, Value> & Sendable

  static func duration(
    _ key: String, _ field: Field<Int64>, default text: String, _ range: ClosedRange<Int64>, aliases: [String] = [],
    _ summary: String
  ) -> SettingSpecification {
    SettingSpecification(
      key: key, kind: .duration(range), defaultText: text, summary: summary, aliases: aliases
    ) { settings, value in
      if case .duration(let milliseconds) = value { settings[keyPath: field] = milliseconds }
    }
  }

  static func size(
    _ key: String, _ field: Field<Int>, default text: String, _ range: ClosedRange<Int>, _ summary: String
  ) -> SettingSpecification {
    SettingSpecification(key: key, kind: .size(range), defaultText: text, summary: summary) { settings, value in
      if case .size(let bytes) = value { settings[keyPath: field] = bytes }
    }
  }

  static func integer(
    _ key: String, _ field: Field<Int>, default text: String, _ range: ClosedRange<Int>, aliases: [String] = [],
    _ summary: String
  ) -> SettingSpecification {
    SettingSpecification(
      key: key, kind: .integer(range), defaultText: text, summary: summary, aliases: aliases
    ) { settings, value in
      if case .integer(let number) = value { settings[keyPath: field] = number }
    }
  }

  static func boolean(_ key: String, _ field: Field<Bool>, default text: String, _ summary: String)
    -> SettingSpecification
  {
    SettingSpecification(key: key, kind: .boolean, defaultText: text, summary: summary) { settings, value in
      if case .boolean(let flag) = value { settings[keyPath: field] = flag }
    }
  }

  static func choice<Choice: RawRepresentable<String> & CaseIterable & SendableMetatype>(
    _ key: String, _ field: Field<Choice>, default text: String, _ summary: String
  ) -> SettingSpecification {
    let kind = SettingKind.choice(Choice.allCases.map(\.rawValue))
    return SettingSpecification(key: key, kind: kind, defaultText: text, summary: summary) { settings, value in
      if case .text(let name) = value, let choice = Choice(rawValue: name) { settings[keyPath: field] = choice }
    }
  }

  static func text(
    _ key: String, _ field: Field<String>, _ kind: SettingKind, default text: String, _ summary: String
  ) -> SettingSpecification {
    SettingSpecification(key: key, kind: kind, defaultText: text, summary: summary) { settings, value in
      if case .text(let text) = value { settings[keyPath: field] = text }
    }
  }

  static func texts(_ key: String, _ field: Field<[String]>, _ rule: TextRule, _ summary: String)
    -> SettingSpecification
  {
    SettingSpecification(key: key, kind: .texts(rule), defaultText: "[]", summary: summary) { settings, value in
      if case .list(let texts) = value { settings[keyPath: field] = texts }
    }
  }

  static func names(_ key: String, _ field: Field<[String]>, default text: String, _ summary: String)
    -> SettingSpecification
  {
    SettingSpecification(key: key, kind: .names, defaultText: text, summary: summary) { settings, value in
      if case .list(let names) = value { settings[keyPath: field] = names }
    }
  }
}
