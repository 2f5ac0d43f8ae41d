import Foundation
import PlainReference
import Shoppers
import TestSupport
import Testing

/// The reference against a second one, in another language: a script that a checkout may have beside it.
@Suite struct OracleTests {
  private static let script = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("shared/oracle/expect.py").path

  private struct Summary: Decodable {
    let received, accepted, duplicates, dead_letters, windows, sessions: Int
    let reasons, types, session_funnel: [String: Int]
    let revenue: String
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: script)), arguments: [601, 602] as [UInt64])
  func referencesAgree(seed: UInt64) throws {
    var scenario = Scenario(seed: seed)
    scenario.traffic.tooLongBytes = nil
    let place = TemporaryDirectory()
    let lines = try scenario.lines()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", Self.script, "\(place.path)/out"] + (try place.write(lines))
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(place.path)/out/summary.json"))
    let summary = try JSONDecoder().decode(Summary.self, from: data)
    let reference = Reference(lines, maximumBytes: .max)
    #expect(summary.received == reference.received.reduce(0, +))
    #expect(summary.accepted == reference.accepted.count && summary.duplicates == reference.duplicates.count)
    #expect(summary.dead_letters == reference.deadLetters.count && summary.reasons == reference.reasons)
    #expect(summary.types == reference.accepted.reduce(into: [:]) { $0[$1.type, default: 0] += 1 })
    let windows = PlainWindow.windows(of: reference.accepted)
    let sessions = PlainSession.sessions(of: reference.accepted)
    #expect(summary.windows == windows.count && summary.sessions == sessions.count)
    let revenue = windows.flatMap(\.revenue.values).reduce(0, +)
    #expect(summary.revenue == "\(revenue / 10_000)." + String("\(10_000 + revenue % 10_000)".dropFirst()))
    let steps = ["page_view", "add_to_cart", "purchase"].enumerated()
    for (index, step) in steps {
      #expect(summary.session_funnel[step] == sessions.count { $0.funnelStep > index })
    }
  }
}
