import Testing

@testable import riffle

@Suite struct SettingsDocumentTests {
  private static let path =
    #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/Config/riffle.yaml"

  @Test func theFileInTheRepositoryIsTheTable() throws {
    let file = try TextFile.read(Self.path)
    #expect(
      file == SettingsDocument.text(), "write it anew: riffle config check --defaults > Config/riffle.yaml")
  }

  @Test func theFileHoldsTheDefaults() throws {
    let defaults = try SettingsLoader.load()
    let read = try SettingsLoader.load(file: (Self.path, try TextFile.read(Self.path)))
    for (expected, actual) in zip(defaults.effective, read.effective) {
      #expect(actual.value == expected.value, "\(expected.setting.key)")
      #expect(actual.origin != .defaultValue, "\(expected.setting.key) is not in the file")
    }
  }

  @Test func keysAreWordsAndUnique() {
    let keys = SettingsTable.all.flatMap { [$0.key] + $0.aliases }
    #expect(Set(keys).count == keys.count)
    #expect(Set(SettingsTable.all.map(\.environmentVariable)).count == SettingsTable.all.count)
    for setting in SettingsTable.all { #expect(!setting.summary.hasSuffix("."), "\(setting.key)") }
  }
}
