import Columns
import Encodings
import TestSupport
import Testing
import Windows

@Suite struct MoneyByCurrencyTests {
  /// Parts merge to the same in any order, and survive being written.
  @Test func mergingCommutes() throws {
    for seed in 1...200 as ClosedRange<UInt64> {
      var random = SeededRandom(seed: seed)
      var parts = [MoneyByCurrency](repeating: MoneyByCurrency(), count: 4)
      var sums: [String: Int128] = [:]
      for _ in 0..<30 {
        let currency = ["", "EUR", "USD", "EURX", "A"].randomElement(using: &random) ?? ""
        let amount = Int128(Int64.random(in: .min ... .max, using: &random))
        parts[Int.random(in: 0..<4, using: &random)].add(amount, currency: Array(currency.utf8))
        sums[currency, default: 0] += amount
      }
      let forward = merged(parts)
      #expect(forward == merged(parts.shuffled(using: &random)), "seed \(seed)")
      let found = forward.entries.map { String(decoding: $0.currency, as: UTF8.self) }
      #expect(found == sums.keys.sorted(), "seed \(seed)")
      #expect(forward.entries.map(\.amount) == found.map { sums[$0] ?? 0 }, "seed \(seed)")
      var writer = ByteWriter()
      forward.encode(into: &writer)
      var reader = ByteReader(writer.bytes)
      #expect(try MoneyByCurrency(from: &reader) == forward, "seed \(seed)")
    }
  }

  private func merged(_ parts: [MoneyByCurrency]) -> MoneyByCurrency {
    parts.reduce(into: MoneyByCurrency()) { $0.merge($1) }
  }

  /// What would overflow when it is added up, and what no writer writes.
  @Test func impossibleSumsAreRefused() {
    func refusal(_ entries: [(currency: String, amount: Int128)]) -> CorruptionError? {
      var writer = ByteWriter()
      writer.writeVarint(UInt64(entries.count))
      for entry in entries {
        writer.write(entry.currency)
        writer.write(Int64(entry.amount >> 64))
        writer.write(UInt64(truncatingIfNeeded: entry.amount))
      }
      var reader = ByteReader(writer.bytes)
      do {
        _ = try MoneyByCurrency(from: &reader)
        return nil
      } catch { return error }
    }
    #expect(refusal([("EUR", 1 << 89), ("USD", -5)]) == nil)
    #expect(refusal([("EUR", .max)])?.what.hasPrefix("a sum of money is ") == true)
    #expect(refusal([("EUR", .min)]) != nil && refusal([("EUR", 1 << 90)]) != nil)
    #expect(refusal([("USD", 1), ("EUR", 1)])?.what == "the currencies of a sum do not ascend")
    #expect(refusal([("EUR", 1), ("EUR", 1)]) != nil)
  }

  @Test func internedTextsKeepTheirCodes() throws {
    var interner = Interner()
    let texts = (0..<500).map { Array("text \($0 % 250)".utf8) }
    let codes = texts.map { interner.intern($0.span) }
    #expect(Set(codes).count == 250 && !codes.contains(0) && interner.count == 251)
    for (known, code) in zip(texts, codes) { #expect(text(code, of: interner) == known) }
    #expect(text(0, of: interner).isEmpty)
    var writer = ByteWriter()
    interner.encode(into: &writer)
    var reader = ByteReader(writer.bytes)
    let copy = try Interner(from: &reader)
    for code in Set(codes) { #expect(text(code, of: copy) == text(code, of: interner)) }
  }
  private func text(_ code: UInt32, of interner: Interner) -> [UInt8] { Array(copying: interner.text(code)) }
}
