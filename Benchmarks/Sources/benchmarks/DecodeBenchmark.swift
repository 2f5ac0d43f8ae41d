import Columns
import Foundation
import Ingest

/// Decodes the same lines again and again on one thread and counts that thread's CPU time.
struct DecodeBenchmark {
  /// Passes over the lines; the median of them counts.
  static let passes = 9
  /// Messages a chunk, as a lane hands them over.
  static let chunkMessages = 4096

  /// What one order of the members costs.
  struct Result {
    let name: String
    /// CPU nanoseconds per line: of the middle pass and of the best.
    let nanoseconds: Double
    let bestNanoseconds: Double
    let bytesPerLine: Double

    var eventsPerSecond: Double { 1e9 / nanoseconds }
    var megabytesPerSecond: Double { bytesPerLine * 1000 / nanoseconds }

    /// A row of the printed table.
    var row: String {
      [
        name, "\(nanoseconds.text(decimals: 0)) ns/event (best \(bestNanoseconds.text(decimals: 0)))",
        "\((eventsPerSecond / 1e6).text(decimals: 2)) M events/s",
        "\(megabytesPerSecond.text(decimals: 0)) MB/s",
      ].joined(separator: "  ")
    }

    var json: [String: Any] {
      [
        "nanoseconds_per_event": nanoseconds.rounded(decimals: 1),
        "best_nanoseconds_per_event": bestNanoseconds.rounded(decimals: 1),
        "events_per_second_per_core": eventsPerSecond.rounded(decimals: 0),
        "megabytes_per_second_per_core": megabytesPerSecond.rounded(decimals: 1),
      ]
    }
  }

  /// Both orders of the members, for those of `lines` that are events.
  static func run(_ lines: Lines) throws -> [Result] {
    let (events, answer) = SoundEvents.select(lines)
    if answer.accepted == 0 { throw BenchmarkError("none of the lines is an event", exitCode: 65) }
    return try [("canonical", events), ("shuffled", events.shuffled())].map { name, lines in
      try measure(name, lines, answer)
    }
  }

  private static func measure(_ name: String, _ lines: Lines, _ expected: DecodeAnswer) throws -> Result {
    var spent: [Double] = []
    for _ in 0..<passes {
      let (answer, nanoseconds) = try pass(lines)
      guard answer == expected else {
        throw BenchmarkError("\(name): decoded \(answer), expected \(expected)", exitCode: 1)
      }
      spent.append(Double(nanoseconds) / Double(lines.ranges.count))
    }
    return Result(
      name: name, nanoseconds: spent.median, bestNanoseconds: spent.min() ?? 0,
      bytesPerLine: Double(lines.bytes.count) / Double(lines.ranges.count))
  }

  /// One pass with a decoder that knows nothing yet. Only decoding counts, not making the chunks and checking.
  private static func pass(_ lines: Lines) throws -> (DecodeAnswer, nanoseconds: Int) {
    let shape = try EventShape.make()
    let decoder = MessageDecoder(shape: shape)
    var (answer, spent, first) = (DecodeAnswer(), 0, 0)
    while first < lines.ranges.count {
      let chunk = lines.ranges[first..<min(first + chunkMessages, lines.ranges.count)]
      first += chunk.count
      guard let begin = chunk.first, let end = chunk.last else { break }
      let origin = Int(begin.offset)
      let arena = ByteArena(Array(lines.bytes[origin..<Int(end.offset) + Int(end.length)]))
      let messages = chunk.map {
        MessageRange(offset: $0.offset - UInt32(origin), length: $0.length, logOffset: $0.logOffset)
      }
      let start = threadNanoseconds()
      let decoded = decoder.decode(arena: arena, messages: messages)
      spent += threadNanoseconds() - start
      answer.add(decoded.batch)
    }
    return (answer, spent)
  }
}

/// What the decoder is checked against.
struct DecodeAnswer: Equatable {
  var accepted = 0
  /// Ten-thousandths.
  var priceSum: Int64 = 0

  mutating func add(_ batch: Batch) {
    accepted += batch.rowCount
    guard let column = batch.schema.index(of: "price") else { return }
    let prices = batch.integers(column)
    for row in 0..<batch.rowCount { priceSum += prices[row] ?? 0 }
  }
}
