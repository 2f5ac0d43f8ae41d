import ColdStore
import CommerceTestSupport
import Foundation
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Serving

@Suite struct AuditTrailTests {
  private let place = TemporaryDirectory()
  private var path: String { place.file("audit.ndjson") }

  private func trail() throws -> AuditTrail { try AuditTrail(path, nowMilliseconds: { 1_700_136_000_000 }) }

  private func line(_ number: Int) -> AuditLine {
    AuditLine(["key": "ops", "target": .text("/export?day=\(number)\"}"), "bytes": .integer(Int64(number))])
  }

  private func write(_ numbers: Range<Int>) throws {
    let trail = try trail()
    for number in numbers { trail.add(line(number)) }
    trail.finish()
  }

  private func lines() throws -> [String] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  private func put(_ lines: [String], end: String = "\n") throws {
    try (lines.joined(separator: "\n") + end).write(toFile: path, atomically: true, encoding: .utf8)
  }

  @Test func aTrailGoesOnWhereItEnded() throws {
    try write(0..<3)
    try write(3..<4)
    try write(4..<4)
    try write(4..<300)
    let report = try AuditReport(path)
    #expect(report.lineCount == 300 && report.cutLineCount == 0 && report.problem == nil)
    let first = try JSON(Array(try lines()[0].utf8))
    #expect(first["time"].text == "2023-11-16T12:00:00Z" && first["key"].text == "ops" && first["bytes"].integer == 0)
    #expect(first["previous"].text == String(repeating: "0", count: 64))
    let last = try JSON(Array(try #require(lines().last).utf8))
    #expect(last["hash"].text == report.head && last["target"].text == "/export?day=299\"}")
  }

  /// The form is documented: another program can follow the chain.
  @Test func aHashIsOfTheLinesBytes() throws {
    try write(0..<2)
    let lines = try lines()
    let (body, rest) = (
      lines[0].components(separatedBy: ",\"hash\":\"")[0], lines[0].components(separatedBy: ",\"hash\":\"")[1]
    )
    let digest = Secrets.digest(Array(body.utf8)).map { HexDigits.text($0) }.joined()
    #expect(rest == digest + "\"}" && lines[1].contains("\"previous\":\"\(digest)\""))
  }

  /// Whatever is done to a line in the middle is found, and named.
  @Test(arguments: 1...30 as ClosedRange<UInt64>)
  func whoeverTouchesALineIsFound(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    try write(0..<20)
    var lines = try lines()
    let at = Int.random(in: 0..<19, using: &random)
    switch seed % 5 {
    case 0: lines.remove(at: at)
    case 1: lines.insert(lines[at], at: at)
    case 2: lines.swapAt(at, at + 1)
    case 3: lines[at] = lines[at].replacingOccurrences(of: "\"ops\"", with: "\"nobody\"")
    default:
      var bytes = Array(lines[at].utf8)
      let position = Int.random(in: 0..<bytes.count, using: &random)
      bytes[position] = bytes[position] == UInt8(ascii: "x") ? UInt8(ascii: "y") : UInt8(ascii: "x")
      lines[at] = String(decoding: bytes, as: UTF8.self)
    }
    try put(lines)
    let report = try AuditReport(path)
    let problem = try #require(report.problem, "seed \(seed)")
    #expect((at + 1...at + 2).contains(problem.line), "seed \(seed): line \(at + 1) was touched, \(problem) is named")
    #expect(report.lineCount == problem.line - 1 || report.cutLineCount > 0)
  }

  @Test func aLastLineThatWasChangedIsNoneToGoOnBehind() throws {
    try write(0..<4)
    var lines = try lines()
    lines[3] = lines[3].replacingOccurrences(of: "\"ops\"", with: "\"nobody\"")
    try put(lines)
    let report = try AuditReport(path)
    #expect(report.problem?.line == 4 && report.lineCount == 3)
    let error = #expect(throws: AuditError.self) { try trail() }
    #expect(error?.description.contains("riffle audit verify") == true)
    try put(["something", "else"])
    #expect(try AuditReport(path).lineCount == 0)
    #expect(throws: AuditError.self) { try trail() }
  }

  /// A crash may take the line feed alone: the line is there, and the chain goes on behind it.
  @Test func aLineWithoutItsEndIsOfTheChain() throws {
    try write(0..<3)
    try put(try lines(), end: "")
    try write(3..<5)
    #expect(try AuditReport(path).lineCount == 5 && AuditReport(path).problem == nil)
  }

  /// A crash may cut a line off anywhere: the chain goes on behind the one before it.
  @Test(arguments: [1, 20, 64, 150]) func aLineThatWasCutOffIsToldFromOneThatWasChanged(_ left: Int) throws {
    try write(0..<5)
    var lines = try lines()
    lines[4] = String(lines[4].prefix(left))
    try put(lines, end: "")
    #expect(try AuditReport(path).cutLineCount == 1)
    try write(5..<8)
    let report = try AuditReport(path)
    #expect(report.problem == nil && report.lineCount == 7 && report.cutLineCount == 1)
  }

  @Test func aDiskThatRefusesIsNamedAndTheChainGoesOn() throws {
    let lines = Mutex<[String]>([])
    let log = Log(write: { line in lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) } })
    let disk = FaultyFileSystem()
    let trail = try AuditTrail(path, fileSystem: disk, log: log)
    trail.add(line(0))
    trail.finish()
    disk.fail { operation, _ in operation == "write to" }
    trail.add(line(1))
    trail.finish()
    disk.heal()
    trail.add(line(2))
    trail.finish()
    #expect(lines.withLock { $0.count { $0.contains("a line could not be added") } } == 1)
    let report = try AuditReport(path)
    #expect(report.problem == nil && report.lineCount == 2)
  }
}
