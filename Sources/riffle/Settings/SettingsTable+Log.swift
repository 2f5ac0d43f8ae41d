import Telemetry

extension SettingsTable {
  /// What a live run writes to standard error.
  static let log: [SettingSpecification] = [
    .choice(
      "log.format", \.logFormat, default: "text",
      "Whether what a live run writes to standard error is text or JSON, one object a line"),
    .choice("log.level", \.logLevel, default: "info", "Lines of lower levels are left out"),
  ]
}

extension Log {
  init(_ settings: Settings) { self.init(level: settings.logLevel, format: settings.logFormat) }
}
