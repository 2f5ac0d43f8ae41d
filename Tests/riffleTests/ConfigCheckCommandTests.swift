import Telemetry
import Testing

@testable import riffle

@Suite struct ConfigCheckCommandTests {
  @Test func aLineHasKeyValueAndOrigin() throws {
    let settings = try SettingsLoader.load(overrides: ["sessions.gap=20 minutes"])
    let lines = ConfigCheckCommand.table(settings).split(separator: "\n")
    #expect(lines.count == SettingsTable.all.count)
    let line = try #require(lines.first { $0.hasPrefix("sessions.gap ") })
    #expect(line.split(separator: " ").joined(separator: " ") == "sessions.gap 20 min --set")
  }

  @Test func jsonHasBaseUnits() throws {
    let json = ConfigCheckCommand.json(try SettingsLoader.load())
    #expect(json.contains(#"{"key":"sessions.gap","value":1800000,"unit":"milliseconds","origin":"default"}"#))
    #expect(json.contains(#""value":[{"name":"kpi_1m","window":"tumbling 1 min","group_by":[]}]"#))
  }

  @Test func jsonTextIsEscaped() {
    #expect(JSONText.string("a\"b\\\n\u{1}é") == #""a\"b\\\n\u0001é""#)
  }
}
