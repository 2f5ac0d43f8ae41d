/// Where a value comes from; a later case wins over an earlier one.
enum SettingOrigin: Sendable, Equatable {
  case defaultValue
  case file(path: String, line: Int)
  case environment(variable: String)
  /// `--set`, or a flag of its own: `--brokers`.
  case flag(String)

  /// As `config check` and error messages print it.
  var text: String {
    switch self {
    case .defaultValue: "default"
    case .file(let path, let line): "\(path):\(line)"
    case .environment(let variable): "environment \(variable)"
    case .flag(let name): "--" + name
    }
  }
}
