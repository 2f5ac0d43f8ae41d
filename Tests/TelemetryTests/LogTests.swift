import Synchronization
import Telemetry
import Testing

@Suite struct LogTests {
  /// The lines that `body` writes at noon of New Year 2026.
  private func lines(
    _ level: Log.Level = .debug, _ format: Log.Format = .text, _ body: (Log) -> Void
  ) -> [String] {
    let kept = Kept()
    body(Log(level: level, format: format, nowMilliseconds: { 1_767_268_804_235 }, write: { kept.append($0) }))
    return kept.all
  }

  final class Kept: Sendable {
    private let lines = Mutex<[String]>([])
    func append(_ line: [UInt8]) { lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
    var all: [String] { lines.withLock { $0 } }
  }

  @Test func aTextLineHasTimeLevelMessageAndFields() {
    let written = lines {
      $0.warning("commit was slow", ["seconds": 2.5, "segments": .integer(12), "path": "a b", "ok": true])
      $0.info("started")
    }
    #expect(
      written == [
        "2026-01-01T12:00:04.235Z warning commit was slow seconds=2.5 segments=12 path=\"a b\" ok=true\n",
        "2026-01-01T12:00:04.235Z info started\n",
      ])
  }

  @Test func aJSONLineIsAnObject() {
    let written = lines(.debug, .json) { $0.error("failed", ["why": "a \"b\"\n", "n": 1, "x": 0.5, "ok": false]) }
    #expect(
      written == [
        #"{"time":"2026-01-01T12:00:04.235Z","level":"error","message":"failed","why":"a \"b\"\n","n":1,"#
          + #""x":0.5,"ok":false}"# + "\n"
      ])
  }

  @Test func aLineIsOneLineWhateverIsInIt() {
    let written = lines { $0.info("first\nsecond", ["a": "x\ny", "b": "", "c": "k=v", "d": "\u{1B}[31m"]) }
    #expect(
      written == [#"2026-01-01T12:00:04.235Z info first\nsecond a="x\ny" b="" c="k=v" d="\u001b[31m""# + "\n"])
  }

  @Test func whatIsBelowTheLevelIsNotEvenMade() {
    var made = 0
    func message() -> String {
      made += 1
      return "message"
    }
    let written = lines(.warning) {
      $0.debug(message())
      $0.info(message())
      $0.warning(message())
      $0.error(message())
    }
    #expect(written.count == 2)
    #expect(made == 2)
  }

  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_001, "2000-02-29T00:00:00.001Z"),
      (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ] as [(Int64, String)])
  func timesAreWritten(_ milliseconds: Int64, _ text: String) {
    #expect(WallClock.text(milliseconds: milliseconds) == text)
  }
}
