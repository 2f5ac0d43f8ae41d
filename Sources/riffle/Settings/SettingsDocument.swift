/// The documented file of defaults, `Config/riffle.yaml`, written from the settings table.
enum SettingsDocument {
  static func text() -> String {
    var text = """
      # Every setting of Riffle with its default. A file needs only what it changes.
      # The environment wins over the file (sessions.gap is RIFFLE_SESSIONS_GAP), and --set key=value wins over both.
      # Durations: 500 ms, 30s, 10 minutes, 1 h 30 min, 7 d. Sizes: 65536, 64 MiB, 1.5 GB.
      # 'riffle config check' prints what is in effect and where each value comes from.

      """
    for setting in SettingsTable.all {
      text += "\n"
      for sentence in [setting.summary, "Must be \(setting.kind.allowed)"] {
        for line in wrap(sentence + ".") { text += "# \(line)\n" }
      }
      text += "\(setting.key):\(value(setting))\n"
    }
    return text
  }

  /// A long list goes one element a line.
  private static func value(_ setting: SettingSpecification) -> String {
    guard case .names = setting.kind, setting.defaultText.utf8.count > 80 else { return " " + setting.defaultText }
    let names = setting.defaultText.dropFirst().dropLast().split(separator: ", ")
    return names.map { "\n  - \($0)" }.joined()
  }

  private static func wrap(_ text: String) -> [String] {
    var lines = [""]
    for word in text.split(separator: " ") {
      let last = lines[lines.count - 1]
      if last.isEmpty {
        lines[lines.count - 1] = String(word)
      } else if last.count + word.count < 110 {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
