import Columns
import Foundation
import Ingest

// Decodes a file of NDJSON events again and again on one thread and prints the best pass: events and megabytes a second
// of that thread's CPU time. The same with the keys of each object shuffled.

/// The lines of a file, as an arena and ranges.
struct Lines {
  var bytes: [UInt8]
  var ranges: [MessageRange] = []

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    var start = 0
    for (index, byte) in bytes.enumerated() where byte == 0x0A {
      ranges.append(
        MessageRange(offset: UInt32(start), length: Int32(index - start), logOffset: Int64(ranges.count)))
      start = index + 1
    }
  }
}

/// Nanoseconds of CPU that this thread has used.
func threadNanoseconds() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
}

/// What an answer is checked against, found without the decoder.
struct Answer: Equatable {
  var accepted = 0
  var priceSum: Int64 = 0
}

/// Counts with Foundation's parser.
func reference(_ lines: Lines) -> Answer {
  var answer = Answer()
  for range in lines.ranges {
    let start = Int(range.offset)
    let data = Data(lines.bytes[start..<start + Int(range.length)])
    guard let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else { continue }
    answer.accepted += 1
    if let price = object["price"] as? Double { answer.priceSum += Int64((price * 10_000).rounded()) }
  }
  return answer
}

/// The same lines with the members of the outer and the inner objects in a seeded random order.
func shuffled(_ lines: Lines) -> Lines {
  var state: UInt64 = 42
  func random() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
  func members(_ text: Substring) -> [Substring] {
    var (parts, depth, isText, start) = ([Substring](), 0, false, text.startIndex)
    for index in text.indices {
      switch text[index] {
      case "\"": isText.toggle()
      case "{" where !isText: depth += 1
      case "}" where !isText: depth -= 1
      case "," where !isText && depth == 0:
        parts.append(text[start..<index])
        start = text.index(after: index)
      default: break
      }
    }
    return parts + [text[start...]]
  }
  func shuffle(_ object: Substring) -> String {
    var parts = members(object.dropFirst().dropLast()).map { member -> String in
      guard member.hasSuffix("}"), let brace = member.firstIndex(of: "{") else { return String(member) }
      return member[..<brace] + shuffle(member[brace...])
    }
    for index in parts.indices.reversed() { parts.swapAt(index, Int(random() % UInt64(index + 1))) }
    return "{" + parts.joined(separator: ",") + "}"
  }
  var bytes: [UInt8] = []
  for range in lines.ranges {
    let start = Int(range.offset)
    let text = String(decoding: lines.bytes[start..<start + Int(range.length)], as: UTF8.self)
    bytes += text.hasPrefix("{") && text.hasSuffix("}") ? Array(shuffle(text[...]).utf8) : Array(text.utf8)
    bytes.append(0x0A)
  }
  return Lines(bytes)
}

/// Decodes all lines in chunks of 4096 messages, several times; prints the best pass.
func measure(_ name: String, _ lines: Lines, _ expected: Answer, passes: Int = 9) throws {
  let shape = try EventShape.make()
  let price = shape.schema.index(of: "price")!
  var best = Int.max
  for _ in 0..<passes {
    let decoder = MessageDecoder(shape: shape)
    var (answer, spent, first) = (Answer(), 0, 0)
    while first < lines.ranges.count {
      let chunk = lines.ranges[first..<min(first + 4096, lines.ranges.count)]
      let origin = Int(chunk.first!.offset)
      let arena = ByteArena(Array(lines.bytes[origin..<Int(chunk.last!.offset) + Int(chunk.last!.length)]))
      let messages = chunk.map {
        MessageRange(offset: $0.offset - UInt32(origin), length: $0.length, logOffset: $0.logOffset)
      }
      let start = threadNanoseconds()
      let decoded = decoder.decode(arena: arena, messages: messages)
      spent += threadNanoseconds() - start
      answer.accepted += decoded.batch.rowCount
      let prices = decoded.batch.integers(price)
      for row in 0..<decoded.batch.rowCount { answer.priceSum += prices[row] ?? 0 }
      first += chunk.count
    }
    guard answer == expected else { fatalError("\(name): decoded \(answer), expected \(expected)") }
    best = min(best, spent)
  }
  let seconds = Double(best) / 1e9
  let events = Double(lines.ranges.count)
  print(
    name, String(format: "%.0f ns/event", seconds * 1e9 / events),
    String(format: "%.2f M events/s", events / seconds / 1e6),
    String(format: "%.0f MB/s", Double(lines.bytes.count) / seconds / 1e6), separator: "  ")
}

guard CommandLine.arguments.count == 2, let data = FileManager.default.contents(atPath: CommandLine.arguments[1]) else {
  FileHandle.standardError.write(Data("usage: decode FILE.ndjson\n".utf8))
  exit(64)
}
let lines = Lines(Array(data))
let expected = reference(lines)
try measure("canonical", lines, expected)
try measure("shuffled", shuffled(lines), expected)
