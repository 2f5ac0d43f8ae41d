import Telemetry

/// `riffle config check`.
enum ConfigCheckCommand {
  static func run(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    if arguments.has("defaults") {
      try Terminal.result(SettingsDocument.text())
    } else {
      try Terminal.result(arguments.has("json") ? json(settings) : table(settings))
    }
    return .success
  }

  /// One setting a line: key, value with unit, origin.
  static func table(_ settings: Settings) -> String {
    let keyWidth = settings.effective.map(\.setting.key.count).max() ?? 0
    // A long list must not push all origins to the right.
    let valueWidth = settings.effective.map(\.value.text.count).filter { $0 <= 32 }.max() ?? 0
    return settings.effective.map { effective in
      "\(pad(effective.setting.key, keyWidth))  \(pad(effective.value.text, valueWidth))  \(effective.origin.text)\n"
    }.joined()
  }

  /// An object a setting: value in base units, the unit, the origin.
  static func json(_ settings: Settings) -> String {
    let rows = settings.effective.map { effective in
      var members = [("key", JSONText.string(effective.setting.key)), ("value", effective.value.json)]
      if let unit = effective.setting.kind.unit { members.append(("unit", JSONText.string(unit))) }
      members.append(("origin", JSONText.string(effective.origin.text)))
      return JSONText.object(members.map { (name: $0.0, json: $0.1) })
    }
    return JSONText.array(rows) + "\n"
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
