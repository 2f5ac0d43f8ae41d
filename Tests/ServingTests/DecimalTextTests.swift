import Testing

@testable import Serving

@Suite struct DecimalTextTests {
  @Test(
    arguments: [
      (91_234_000, "9123.40"), (0, "0.00"), (25, "0.0025"), (-12_345_678, "-1234.5678"), (10_000, "1.00"),
      (-1, "-0.0001"), (100, "0.01"),
    ] as [(Int128, String)])
  func moneyHasTwoToFourDecimals(_ amount: Int128, _ text: String) { #expect(DecimalText.money(amount) == text) }

  @Test func needlessZerosGo() {
    #expect(DecimalText.fixed(1703, digits: 4, keeping: 0) == "0.1703")
    #expect(DecimalText.fixed(5000, digits: 4, keeping: 0) == "0.5")
    #expect(DecimalText.fixed(10_000, digits: 4, keeping: 0) == "1")
    #expect(DecimalText.fixed(0, digits: 4, keeping: 0) == "0")
  }
}
