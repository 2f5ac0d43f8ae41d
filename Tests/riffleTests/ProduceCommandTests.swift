import Foundation
import Testing

@testable import riffle

@Suite final class ProduceCommandTests {
  private let directory = FileManager.default.temporaryDirectory.appending(path: "riffle-\(UUID().uuidString)").path

  init() throws { try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  private func produce(_ words: String...) throws -> String {
    try ProduceCommand.produce(ArgumentParser.parse(["produce"] + words))
  }

  private func lines(_ name: String) throws -> [Data] {
    let content = try #require(FileManager.default.contents(atPath: "\(directory)/\(name)"))
    #expect(content.last == UInt8(ascii: "\n"))
    return content.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
  }

  @Test func theSummaryCountsWhatIsInTheFiles() throws {
    let text = try produce(
      "--to", "\(directory)/a", "\(directory)/b", "--events", "3000", "--malformed", "0.1", "--duplicates", "0.1")
    let summary = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let counts = summary.compactMapValues { $0 as? Int }
    #expect(counts["lines"] == 3000)
    let kinds = ["events", "duplicates", "far_duplicates", "malformed"].map { counts[$0, default: 0] }
    #expect(kinds.reduce(0, +) == 3000)
    #expect(kinds[1] > 100 && kinds[3] > 100)
    let reasons = try #require(summary["reasons"] as? [String: Int])
    #expect(reasons.values.reduce(0, +) == kinds[3])
    let files = try #require(summary["files"] as? [[String: Any]])
    #expect(files.map { $0["lines"] as? Int } == [try lines("a").count, try lines("b").count])
    #expect(try lines("a").count + lines("b").count == 3000)
  }

  @Test func theSameFlagsWriteTheSameBytesOverWhatWasThere() throws {
    _ = try produce("--to", "\(directory)/a", "--events", "500", "--seed", "7")
    let first = try lines("a")
    _ = try produce("--to", "\(directory)/a", "--events", "900", "--seed", "8")
    #expect(try lines("a").count == 900)
    _ = try produce("--to", "\(directory)/a", "--events", "500", "--seed", "7")
    #expect(try lines("a") == first)
  }

  @Test func aMissingDirectoryIsNamed() throws {
    let error = #expect(throws: CommandError.self) { try produce("--to", "\(directory)/none/a") }
    #expect(error?.code == .cannotCreate)
    #expect(error?.message.contains("there is no directory \(directory)/none; create it first") == true)
  }

  @Test func aMistakeInTheLastPathEmptiesNoFile() throws {
    _ = try produce("--to", "\(directory)/a", "--events", "50")
    #expect(throws: CommandError.self) { try produce("--to", "\(directory)/a", "\(directory)/none/b") }
    #expect(try lines("a").count == 50)
  }

  @Test func twoPartitionsNeedTwoFiles() throws {
    let error = #expect(throws: CommandError.self) {
      try produce("--to", "\(directory)/a", "--to", "\(directory)/../\(URL(filePath: directory).lastPathComponent)/a")
    }
    #expect(error?.code == .usage)
  }

  @Test func optionsOutOfRangeAreUsageErrors() throws {
    let error = #expect(throws: CommandError.self) { try produce("--to", "\(directory)/a", "--currency", "euro") }
    #expect(error?.code == .usage)
    #expect(!FileManager.default.fileExists(atPath: "\(directory)/a"))
  }
}
