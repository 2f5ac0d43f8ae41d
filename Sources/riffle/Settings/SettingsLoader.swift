import Telemetry

/// Merges defaults, the file, the environment and `--set`, in this order, into `Settings`.
struct SettingsLoader {
  private var values: [String: (value: SettingValue, origin: SettingOrigin)] = [:]

  /// Settings for a command line; the file is read only where `--config` names one.
  ///
  /// - Throws: A usage error that says what is wrong, where, and what is allowed; `cannotOpenInput` for the file.
  static func load(_ arguments: ParsedArguments, _ environment: [String: String]) throws(CommandError) -> Settings {
    var file: (path: String, text: String)?
    if let path = arguments.given("config") { file = (path, try TextFile.read(path)) }
    var flags: [(name: String, key: String, text: String)] = []
    for (name, key) in SettingsTable.flags {
      if arguments.command.flag(name) != nil, let text = arguments.given(name) { flags.append((name, key, text)) }
    }
    return try load(file: file, environment: environment, overrides: arguments.texts("set"), flags: flags)
  }

  /// Settings from the texts of each layer; `overrides` are `key=value`, `flags` those that set a setting of their own.
  static func load(
    file: (path: String, text: String)? = nil, environment: [String: String] = [:], overrides: [String] = [],
    flags: [(name: String, key: String, text: String)] = []
  ) throws(CommandError) -> Settings {
    var loader = SettingsLoader()
    try loader.addDefaults()
    if let file { try loader.addFile(file.path, file.text) }
    try loader.addEnvironment(environment)
    try loader.addOverrides(overrides)
    for flag in flags {
      guard let setting = SettingsTable.named(flag.key) else { throw .ourBug("--\(flag.name) sets no setting") }
      try loader.set(setting, text: flag.text, .flag(flag.name))
    }
    return try loader.settings()
  }

  // MARK: Layers

  private mutating func addDefaults() throws(CommandError) {
    for setting in SettingsTable.all { try set(setting, text: setting.defaultText, .defaultValue) }
  }

  private mutating func addFile(_ path: String, _ text: String) throws(CommandError) {
    let root: YamlNode?
    do throws(YamlReader.Failure) {
      root = try YamlReader.read(text)
    } catch {
      throw .usage("\(path):\(error.line): \(error.message)")
    }
    guard let root else { return }
    try addFile(path, root, under: "")
  }

  private mutating func addFile(_ path: String, _ node: YamlNode, under prefix: String) throws(CommandError) {
    guard case .map(let entries) = node.content else {
      let what = prefix.isEmpty ? "the file" : "'\(prefix)'"
      throw .usage("\(path):\(node.line): \(what) must be a map of settings; it is \(node.kindName)")
    }
    for entry in entries {
      let key = prefix.isEmpty ? entry.key : "\(prefix).\(entry.key)"
      if let setting = SettingsTable.named(key) {
        let origin = SettingOrigin.file(path: path, line: entry.line)
        if case .file(_, let line) = values[setting.key]?.origin {
          throw .usage("\(path):\(entry.line): '\(setting.key)' is already set on line \(line)")
        }
        try set(setting, entry.value, origin)
      } else if SettingsTable.isSection(key) {
        if case .scalar("") = entry.value.content { continue }
        try addFile(path, entry.value, under: key)
      } else {
        throw .usage("\(path):\(entry.line): unknown key '\(key)'\(SettingsTable.hint(key))")
      }
    }
  }

  private mutating func addEnvironment(_ environment: [String: String]) throws(CommandError) {
    let settings = Dictionary(uniqueKeysWithValues: SettingsTable.all.map { ($0.environmentVariable, $0) })
    for (variable, text) in environment.sorted(by: { $0.key < $1.key })
    where variable.hasPrefix(SettingsTable.environmentPrefix) {
      guard let setting = settings[variable] else {
        let hint = NearestName.hint(variable, among: settings.keys.sorted())
        throw .usage("environment: unknown setting '\(variable)'\(hint)")
      }
      try set(setting, text: text, .environment(variable: variable))
    }
  }

  private mutating func addOverrides(_ overrides: [String]) throws(CommandError) {
    for override in overrides {
      let parts = override.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2 else { throw .usage("--set needs key=value; it is '\(override)'") }
      guard let setting = SettingsTable.named(parts[0]) else {
        throw .usage("--set: unknown key '\(parts[0])'\(SettingsTable.hint(parts[0]))")
      }
      try set(setting, text: parts[1], .flag("set"))
    }
  }

  // MARK: Values

  private mutating func set(_ setting: SettingSpecification, text: String, _ origin: SettingOrigin)
    throws(CommandError)
  {
    guard setting.kind.isStructured || text.hasPrefix("\"") else {
      return try set(setting, YamlNode(line: 1, content: .scalar(text)), origin)
    }
    let node: YamlNode?
    do throws(YamlReader.Failure) {
      node = try YamlReader.read(text)
    } catch {
      throw .usage("\(origin.text): \(setting.key): is not readable: \(error.message)")
    }
    try set(setting, node ?? YamlNode(line: 1, content: .scalar("")), origin)
  }

  private mutating func set(_ setting: SettingSpecification, _ node: YamlNode, _ origin: SettingOrigin)
    throws(CommandError)
  {
    do throws(SettingKind.Problem) {
      values[setting.key] = (try setting.kind.value(of: node), origin)
    } catch {
      var origin = origin
      if case .file(let path, _) = origin, let line = error.line { origin = .file(path: path, line: line) }
      throw .usage("\(origin.text): \(setting.key): \(error.message)")
    }
  }

  private func settings() throws(CommandError) -> Settings {
    var settings = Settings()
    for setting in SettingsTable.all {
      guard let (value, origin) = values[setting.key] else { throw .ourBug("\(setting.key) has no value") }
      setting.store(&settings, value)
      settings.effective.append(Settings.Effective(setting: setting, value: value, origin: origin))
    }
    try SettingsCheck.check(settings)
    return settings
  }
}

extension SettingsTable {
  /// Whether keys start with `key` and a dot.
  fileprivate static func isSection(_ key: String) -> Bool {
    all.contains { setting in ([setting.key] + setting.aliases).contains { $0.hasPrefix(key + ".") } }
  }

  /// The known key that an unknown one was meant to be, as the end of an error message.
  fileprivate static func hint(_ key: String) -> String {
    let hint = NearestName.hint(key, among: keys)
    if !hint.isEmpty { return hint }
    // Often only the section is missing: `gap` for `sessions.gap`.
    let named = keys.first { $0.hasSuffix("." + key) }
    return named.map { "; did you mean '\($0)'?" } ?? "; 'riffle config check' lists all keys"
  }
}

extension SettingKind {
  /// Whether the value is more than one word of YAML.
  fileprivate var isStructured: Bool {
    switch self {
    case .names, .nameMap, .rollups, .properties, .keys, .texts: true
    default: false
    }
  }
}
