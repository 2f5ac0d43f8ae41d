import Checkpoints
import Foundation
import Kafka
import Query
import Telemetry

/// How `dlq list` prints.
enum DeadLetterFormat: String, CaseIterable {
  case ndjson
  case csv
  case json
}

/// `riffle dlq list|replay`.
enum DeadLettersCommand {
  static func list(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    let format = arguments.text("format").flatMap(DeadLetterFormat.init) ?? .ndjson
    let letters = try EngineCall.run { try open(arguments) }
    let output = try OutputFile(arguments.given("output"))
    let limit = arguments.integer("limit") ?? .max
    try EngineCall.run {
      let printer = RowPrinter(format: format == .csv ? .csv : .ndjson, columns: letters.columns)
      var text = format == .json ? Array("[".utf8) : printer.header
      var count: Int64 = 0
      try letters.forEach { values in
        guard count < limit else { return false }
        if format == .json, count > 0 { text.append(UInt8(ascii: ",")) }
        printer.append(values, to: &text)
        if format == .json { text.removeLast() }
        count += 1
        if text.count >= 1 << 18 {
          try output.write(text)
          text.removeAll(keepingCapacity: true)
        }
        return true
      }
      if format == .json { text += "]\n".utf8 }
      try output.write(text)
    }
    return .success
  }

  static func replay(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    let signal = StopSignal()
    try Terminal.result(replay(arguments, settings, signal.wish) + "\n")
    return .success
  }

  /// Sends the letters again and returns what was sent, as JSON on one line.
  static func replay(_ arguments: ParsedArguments, _ settings: Settings, _ stop: StopWish) throws(CommandError)
    -> String
  {
    try EngineCall.run {
      let letters = try open(arguments)
      let place = KafkaPlace(settings)
      let partitions = try place.ensureTopic(partitionCount: Int(arguments.integer("partitions") ?? 4))
      let sender = try PacedSender(place, stop: stop)
      try letters.forEach { values in
        // The key keeps all replays of a letter in one partition, behind each other.
        let origin = Array(values[..<3].map(\.text).joined(separator: "/").utf8)
        return try sender.add(
          key: origin, value: DeadLetters.raw(values), headers: [KafkaHeader(name: "riffle-origin", value: origin)])
      }
      try sender.finish()
      return JSONText.object(SendingSummary.members(sender, place.topic, partitions: partitions))
    }
  }

  private static func open(_ arguments: ParsedArguments) throws -> DeadLetters {
    let snapshot = try Snapshot(directory: arguments.text("data") ?? "data")
    Terminal.noteFallback(snapshot.skipped, to: snapshot.commit.epoch)
    return try DeadLetters(snapshot, reason: arguments.given("reason"))
  }
}

/// The dead letters of a data directory, in the order of topic, partition and offset.
private struct DeadLetters {
  private struct Enough: Error {}

  private let rows: LogRows
  private let reason: String?

  init(_ snapshot: Snapshot, reason: String?) throws {
    rows = try LogRows(snapshot, table: "dead_letters")
    self.reason = reason
  }

  /// topic, partition, offset, reason, field, raw, raw_base64.
  var columns: [String] { rows.columns }

  /// Calls `body` with the values of each letter until it returns false.
  func forEach(_ body: ([OutputValue]) throws -> Bool) throws {
    do {
      try rows.forEach { values in
        if let reason, values[3].text != reason { return }
        guard try body(values) else { throw Enough() }
      }
    } catch is Enough {}
  }

  /// The very bytes of a letter.
  static func raw(_ values: [OutputValue]) -> [UInt8]? {
    if case .text(let bytes) = values[5] { return bytes }
    guard case .text(let bytes) = values[6] else { return nil }
    return Data(base64Encoded: Data(bytes)).map(Array.init)
  }
}
