import Telemetry

/// Reads the setting `rollups`.
enum RollupReader {
  private static let fields = ["name", "window", "group_by"]

  static func rollups(_ elements: [YamlNode]) throws(SettingKind.Problem) -> [RollupSetting] {
    var rollups: [RollupSetting] = []
    for element in elements {
      let rollup = try rollup(element)
      if rollups.contains(where: { $0.name == rollup.name }) {
        throw problem("the name '\(rollup.name)' is used twice", element.line)
      }
      rollups.append(rollup)
    }
    return rollups
  }

  private static func rollup(_ node: YamlNode) throws(SettingKind.Problem) -> RollupSetting {
    guard case .map(let entries) = node.content else {
      throw problem("a rollup must be a map of name, window and group_by; it is \(node.kindName)", node.line)
    }
    var name: String?
    var window: RollupSetting.Window?
    var groupBy: [String] = []
    for entry in entries {
      switch entry.key {
      case "name": name = try tableName(entry)
      case "window": window = try windowValue(entry)
      case "group_by": groupBy = try columns(entry)
      default:
        let hint = NearestName.hint(entry.key, among: fields)
        throw problem(
          "a rollup has no '\(entry.key)'\(hint.isEmpty ? "; it has name, window, group_by" : hint)", entry.line)
      }
    }
    guard let name else { throw problem("a rollup needs a name, like kpi_1m", node.line) }
    guard let window else { throw problem("rollup '\(name)' needs a window: \(RollupSetting.Window.forms)", node.line) }
    return RollupSetting(name: name, window: window, groupBy: groupBy)
  }

  private static func tableName(_ entry: YamlNode.Entry) throws(SettingKind.Problem) -> String {
    guard case .scalar(let text) = entry.value.content, text.hasPrefix("kpi_"), text.utf8.count <= 64,
      text.utf8.count > 4, isColumnName(text)
    else {
      throw problem("a rollup's name is its table: kpi_ and then letters, digits or underscores", entry.value.line)
    }
    return text
  }

  private static func windowValue(_ entry: YamlNode.Entry) throws(SettingKind.Problem) -> RollupSetting.Window {
    guard case .scalar(let text) = entry.value.content, let window = RollupSetting.Window(text: text) else {
      throw problem("window must be \(RollupSetting.Window.forms)", entry.value.line)
    }
    return window
  }

  private static func columns(_ entry: YamlNode.Entry) throws(SettingKind.Problem) -> [String] {
    guard case .list(let elements) = entry.value.content else {
      throw problem("group_by must be a list of columns, like [country, utm_source]", entry.value.line)
    }
    var columns: [String] = []
    for element in elements {
      guard case .scalar(let column) = element.content, isColumnName(column), !columns.contains(column) else {
        throw problem("group_by must be a list of columns in lower case, each once", element.line)
      }
      columns.append(column)
    }
    return columns
  }

  private static func isColumnName(_ text: String) -> Bool { EventTypeName.isName(text) && !text.contains(".") }

  private static func problem(_ message: String, _ line: Int) -> SettingKind.Problem {
    SettingKind.Problem(message: message, line: line)
  }
}
