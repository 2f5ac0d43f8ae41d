import Columns
import Commerce
import Ingest
import TestSupport
import Testing
import Windows

@testable import Serving

@Suite struct EventIntakeTests {
  private static let now: Int64 = 1_700_136_000_000

  private static func judge(_ lines: String..., settings: JobSettings = JobSettings()) throws -> [IntakeItem] {
    let intake = EventIntake(try Job(settings))
    var body: [UInt8] = []
    let ranges = lines.map { line -> Range<Int> in
      let start = body.count
      body += line.utf8
      return start..<body.count
    }
    return intake.judge(body, ranges, at: now)
  }

  private static func text(_ item: IntakeItem?) -> String {
    String(decoding: item?.message?.value ?? [], as: UTF8.self)
  }

  private static func key(_ item: IntakeItem?) -> String? {
    item?.message?.key.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func aCompleteEventIsSentAsItCame() throws {
    let line = #"{"event_id":"e1","event_type":"click","event_ts":"2023-11-16T12:00:00Z","session_id":"s\u0031"}"#
    let item = try Self.judge(line).first
    #expect(Self.text(item) == line)
    #expect(item?.eventID == "e1" && item?.refusal == nil)
    #expect(Self.key(item) == "s1")
  }

  @Test func idAndTimeAreAddedWhereTheyAreMissing() throws {
    let item = try Self.judge(#"{"event_type":"click","user_id":"u1"}"#).first
    let id = try #require(item?.eventID)
    #expect(
      Self.text(item)
        == #"{"event_type":"click","user_id":"u1","event_ts":"2023-11-16T12:00:00.000Z","event_id":"\#(id)"}"#)
    #expect(Self.key(item) == "u1")
  }

  /// Null and empty count as missing, and the last of duplicates counts.
  @Test func whatIsNullIsMissing() throws {
    let item = try Self.judge(#"{"event_id":"","event_ts":null,"event_type":"click"}"#).first
    let id = try #require(item?.eventID)
    #expect(id.count == 36)
    #expect(Self.key(item) == id, "without session and user the event is a session of its own")
    #expect(Self.text(item).hasSuffix(#","event_ts":"2023-11-16T12:00:00.000Z","event_id":"\#(id)"}"#))
  }

  @Test func aForeignNameOfTheTimeIsATime() throws {
    let item = try Self.judge(#"{"event_id":"e","event_type":"click","timestamp":1700000000}"#).first
    #expect(item?.refusal == nil)
    #expect(Self.text(item).contains("event_ts") == false)
  }

  private static let refusals: [(String, DeadLetterReason, String?)] = [
    (#"{"session_id":"s"}"#, DeadLetterReason.missingField, "event_type"),
    (#"{"event_type":"nonsense"}"#, .unknownEventType, "event_type"),
    (#"{"event_type":"click","event_ts":"yesterday"}"#, .badTime, "event_ts"),
    (#"{"event_type":"click","event_ts":1700300000000}"#, .absurdTime, "event_ts"),
    (#"{"event_type":"click","price":"much"}"#, .wrongType, "price"),
    (#"{"event_type":"purchase","price":900000000000000,"quantity":9000}"#, .malformedJSON, "price"),
    (#"{"event_type":"click""#, .malformedJSON, nil), ("3", .malformedJSON, nil), ("{}", .missingField, "event_type"),
  ]

  @Test(arguments: refusals)
  func whatCannotBeAnEventIsSentAsADeadLetter(_ line: String, _ reason: DeadLetterReason, _ field: String?) throws {
    let item = try Self.judge(line).first
    #expect(item?.refusal == IntakeItem.Refusal(reason: reason, field: field))
    #expect(item?.eventID == nil)
    #expect(Self.text(item).hasPrefix(String(line.dropLast())))
  }

  /// The engine, when it reads what was sent, comes to the same reason.
  @Test func theEngineRefusesForTheSameReason() throws {
    let lines = [
      #"{"session_id":"s"}"#, #"{"event_type":"nonsense"}"#, #"{"event_type":"click","price":[]}"#, "nonsense",
      #"{"event_type":"click","event_ts":true}"#, #"{"event_type":7}"#, "[1]", #"{"event_type":""}"#,
    ]
    let job = try Job(JobSettings())
    for line in lines { try Self.expectSameVerdict(on: Array(line.utf8), job) }
  }

  /// Whatever bytes come, the engine agrees with what the client was told.
  @Test func theEngineAgreesAboutAnyBytes() throws {
    let job = try Job(JobSettings())
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededRandom(seed: seed)
    let lines = [
      #"{"event_type":"click","session_id":"s\u00e9","event_id":"e","properties":{"a":[1,{"b":null}]}}"#,
      #" {"event_id":null,"event_ts":1700000000,"event_type":"order.x","price":1.5,"utm":{"source":"a"}} "#,
      #"{"timestamp":"2023-11-16T12:00:00Z","event_type":"purchase","price":9e14,"quantity":2,"user_id":""}"#,
    ]
    for _ in 0..<3000 {
      var bytes = Array((lines.randomElement(using: &random) ?? "").utf8)
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        let position = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0...2, using: &random) {
        case 0: bytes[position] = "{}[]\",:\\0e-tn ".utf8.randomElement(using: &random) ?? 0
        case 1: bytes[position] = UInt8.random(in: 0...255, using: &random)
        default: bytes.remove(at: position)
        }
      }
      try Self.expectSameVerdict(on: bytes, job, "seed \(seed)")
    }
  }

  private static func expectSameVerdict(on bytes: [UInt8], _ job: Job, _ comment: String = "") throws {
    let item = try #require(EventIntake(job).judge(bytes, [IntakeBody.whole(of: bytes)], at: now).first)
    let value = try #require(item.message?.value)
    let range = MessageRange(offset: 0, length: Int32(value.count), logOffset: 0)
    let decoded = MessageDecoder(shape: job.lane.shape).decode(arena: ByteArena(value), messages: [range])
    let text = String(decoding: bytes, as: UTF8.self)
    // Time and money that are too far off are the lane's business, not the decoder's.
    guard item.refusal?.reason != .absurdTime, item.refusal?.field != "price" else { return }
    #expect(decoded.rejects.first?.reason == item.refusal?.reason, "\(text) \(comment)")
    #expect(decoded.rejects.first?.field == item.refusal?.field, "\(text) \(comment)")
    guard item.refusal == nil else { return }
    #expect(decoded.batch.strings(job.lane.layout.eventIdentifier).text(0) == item.eventID, "\(text) \(comment)")
  }

  @Test func whatIsTooLongIsNotSent() throws {
    var settings = JobSettings()
    settings.maximumMessageBytes = 200
    let long = #"{"event_type":"click","page":"\#(String(repeating: "x", count: 200))"}"#
    // It fits, but not with what would be added.
    let nearly = #"{"event_type":"click","page":"\#(String(repeating: "x", count: 100))"}"#
    let items = try Self.judge(long, nearly, #"{"event_type":"click"}"#, settings: settings)
    #expect(items.map { $0.refusal?.reason } == [.tooLong, .tooLong, nil])
    #expect(items.map { $0.message == nil } == [true, true, false])
  }

  @Test func itemsKeepTheirOrder() throws {
    let items = try Self.judge(
      #"{"event_type":"click","event_id":"a"}"#, "bad", #"{"event_type":"x"}"#,
      #"{"event_type":"click","event_id":"b"}"#)
    #expect(items.map(\.eventID) == ["a", nil, nil, "b"])
    #expect(items.map { $0.refusal?.reason } == [nil, .malformedJSON, .unknownEventType, nil])
  }

  /// With sessions that follow the user, the user is the key.
  @Test func theKeyIsTheSessionKey() throws {
    var settings = JobSettings()
    settings.sessionMode = .derived
    let line = #"{"event_type":"click","session_id":"s","user_id":"u"}"#
    #expect(Self.key(try Self.judge(line).first) == "s")
    #expect(Self.key(try Self.judge(line, settings: settings).first) == "u")
  }
}
