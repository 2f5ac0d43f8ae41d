/// What is wrong with a malformed line, named like the reason of its dead letter.
public enum Damage: String, Sendable, CaseIterable {
  case emptyMessage = "empty_message"
  case tooLong = "too_long"
  case invalidUTF8 = "invalid_utf8"
  case malformedJSON = "malformed_json"
  case missingField = "missing_field"
  case wrongType = "wrong_type"
  case badTime = "bad_time"
  case absurdTime = "absurd_time"
  case unknownEventType = "unknown_event_type"
}

extension Damage {
  /// `line`, an event, spoilt. The first thing that is wrong with it, in the order of the checks, is this.
  func applied(to line: [UInt8], tooLongBytes: Int, _ random: inout SeededGenerator) -> [UInt8] {
    switch self {
    case .emptyMessage:
      return []
    case .tooLong:
      return line.dropLast() + Array(#","padding":""#.utf8) + Array(repeating: 120, count: tooLongBytes)
        + Array("\"}".utf8)
    case .invalidUTF8:
      let sequences: [[UInt8]] = [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xC0, 0xAF]]
      return line.replacing(#""page":""#, with: #""page":""#, sequences[random.below(sequences.count)])
    case .malformedJSON:
      switch random.below(5) {
      case 0: return Array(line[..<(1 + random.below(100))])
      case 1: return Array("<<garbage \(random.below(1_000_000))>> not json".utf8)
      case 2: return [0xEF, 0xBB, 0xBF] + line
      case 3: return line + Array("}".utf8)
      default: return line.replacing(#""quantity":"#, with: #""quantity":NaN,"was":"#)
      }
    case .missingField:
      return random.happens(0.5)
        ? line.replacing(#""event_type":"#, with: #""kind":"#)
        : line.replacing(#""event_ts":"#, with: #""event_ts":null,"was":"#)
    case .wrongType:
      return random.happens(0.5)
        ? line.replacing(#""price":"#, with: #""price":"9.99","was":"#)
        : line.replacing(#""page":"#, with: #""page":{"path":"/"},"was":"#)
    case .badTime:
      let times = ["yesterday", "2023-11-16 12:00", "2023-13-01T00:00:00Z", "2023-11-16T12:00:00"]
      return line.replacing(#""event_ts":"#, with: "\"event_ts\":\"\(times[random.below(times.count)])\",\"was\":")
    case .absurdTime:
      let times = ["\"2150-01-01T00:00:00Z\"", "\"1901-02-03T04:05:06Z\"", "0", "-5", "99999999999999"]
      return line.replacing(#""event_ts":"#, with: "\"event_ts\":\(times[random.below(times.count)]),\"was\":")
    case .unknownEventType:
      return line.replacing(#""event_type":""#, with: #""event_type":"teleport_"#)
    }
  }
}

extension [UInt8] {
  /// The line with the first `text` replaced.
  fileprivate func replacing(_ text: String, with replacement: String, _ behind: [UInt8] = []) -> [UInt8] {
    let wanted = Array(text.utf8)
    guard let start = indices.first(where: { self[$0...].starts(with: wanted) }) else { return self }
    return Array(self[..<start]) + Array(replacement.utf8) + behind + Array(self[(start + wanted.count)...])
  }
}
