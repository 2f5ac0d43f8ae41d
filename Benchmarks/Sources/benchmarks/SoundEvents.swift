import Foundation

/// Picks the lines that are certainly events and says what decoding them must give, both by Foundation's parser.
///
/// Malformed lines are rare and cost little; what becomes of each kind is a matter of the decoder's tests.
enum SoundEvents {
  private static let time = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
  private static let oldest = Date(timeIntervalSince1970: 0)
  private static let latest = Date(timeIntervalSince1970: 4_102_444_800)

  static func select(_ lines: Lines) -> (events: Lines, answer: DecodeAnswer) {
    var (kept, answer) = ([UInt8](), DecodeAnswer())
    kept.reserveCapacity(lines.bytes.count)
    for range in lines.ranges {
      let line = lines.text(range)
      guard line.first == 0x7B, line.last == 0x7D, let price = price(of: line) else { continue }
      answer.accepted += 1
      answer.priceSum += price
      kept += line
      kept.append(0x0A)
    }
    return (Lines(kept), answer)
  }

  /// The price of an event in ten-thousandths, 0 where it has none; nil if `line` is no event.
  private static func price(of line: ArraySlice<UInt8>) -> Int64? {
    guard let object = try? JSONSerialization.jsonObject(with: Data(line)), let members = object as? [String: Any],
      let type = members["event_type"] as? String, EventShape.typeNames.contains(type),
      let text = members["event_ts"] as? String, let time = try? time.parse(text), time > oldest, time <= latest,
      members["page"] is String
    else { return nil }
    switch members["price"] {
    case let price as Double: return Int64((price * 10_000).rounded())
    case is NSNull: return 0
    default: return nil
    }
  }
}
