import Foundation
import Serving
import TestSupport
import Testing

@testable import riffle

@Suite struct AuditCommandTests {
  @Test func aTrailIsToldWhole() throws {
    let place = TemporaryDirectory()
    let path = place.file("audit.ndjson")
    try AuditTrail(path).finish()
    let report = try AuditReport(path)
    let zeros = String(repeating: "0", count: 64)
    #expect(AuditCommand.text(report, path) == "\(path): 0 lines, as they were written\nlast hash: \(zeros)\n")
    #expect(
      AuditCommand.json(report)
        == #"{"lines":0,"cut_lines":0,"head":"\#(zeros)","problem_line":null,"problem":null}"# + "\n")
    let arguments = try ArgumentParser.parse(["audit", "verify", path, "--json"])
    #expect(try AuditCommand.verify(arguments) == .success)
  }

  @Test func whatIsNoTrailIsBadData() throws {
    let place = TemporaryDirectory()
    let path = place.file("audit.ndjson")
    try #"{"key":"ops"}"#.write(toFile: path, atomically: true, encoding: .utf8)
    #expect(try AuditCommand.verify(try ArgumentParser.parse(["audit", "verify", path])) == .badData)
    let report = try AuditReport(path)
    #expect(AuditCommand.text(report, path).hasPrefix("\(path), line 1: the line was changed\n"))
    let missing = try ArgumentParser.parse(["audit", "verify", place.file("nothing")])
    let error = #expect(throws: CommandError.self) { try AuditCommand.verify(missing) }
    #expect(error?.message.contains("nothing") == true)
  }
}
