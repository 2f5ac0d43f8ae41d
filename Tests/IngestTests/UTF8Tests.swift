import Ingest
import Testing

/// The check of UTF-8 against the standard library's.
@Suite struct UTF8Tests {
  private static func isAccepted(_ text: [UInt8], _ decoder: MessageDecoder) -> Bool {
    let message = Array(#"{"event_type":"purchase","event_ts":1700000000,"page":""#.utf8) + text + Array(#""}"#.utf8)
    return !decode([message], decoder).rejects.contains { $0.reason == .invalidUTF8 }
  }

  private static func isValid(_ text: [UInt8]) -> Bool { String(validating: text, as: UTF8.self) != nil }

  /// Every two bytes, and behind each lead byte the borders of what may follow, at every place of a step.
  @Test func shortSequences() throws {
    let decoder = MessageDecoder(shape: try testShape())
    for lead in UInt8(0x80)...0xFF {
      for second: UInt8 in [0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF] {
        for rest: [UInt8] in [[], [0x80], [0xBF, 0x80], [0x41], [0x80, 0x41], [0x80, 0xC0], [0x80, 0x80, 0x80]] {
          let text = [lead, second] + rest
          #expect(Self.isAccepted(text, decoder) == Self.isValid(text), "\(text)")
        }
      }
    }
  }

  @Test(arguments: [UInt64(1), 2]) func mixedText(seed: UInt64) throws {
    var random = Random(state: seed)
    let decoder = MessageDecoder(shape: try testShape())
    let pieces = ["a", "some plain text of a page", "ä", "€", "😀", "\u{7FF}", "\u{800}", "\u{FFFF}", "\u{10FFFF}"]
    for round in 0..<2000 {
      var text = (0..<6).flatMap { _ in Array((pieces.randomElement(using: &random) ?? "").utf8) }
      if round % 2 == 0 {
        let index = Int.random(in: 0..<text.count, using: &random)
        if Bool.random(using: &random) { text.remove(at: index) } else { text[index] ^= 0x80 }
      }
      #expect(Self.isAccepted(text, decoder) == Self.isValid(text), "seed \(seed): \(text)")
    }
  }
}
