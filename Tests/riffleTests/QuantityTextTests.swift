import TestSupport
import Testing

@testable import riffle

@Suite struct QuantityTextTests {
  @Test(
    arguments: [
      ("0", 0), ("0 s", 0), ("500 ms", 500), ("30s", 30_000), ("15m", 900_000), ("10 minutes", 600_000),
      ("10 min", 600_000),
      ("1 h 30 min", 5_400_000), ("1h30min", 5_400_000), ("0.5 s", 500), ("1.5 hours", 5_400_000), ("7 d", 604_800_000),
      ("1 day", 86_400_000), ("  2 s  ", 2000),
    ] as [(String, Int64)])
  func durationsReadAsPeopleWriteThem(_ text: String, _ milliseconds: Int64) {
    #expect(DurationText.parse(text) == milliseconds)
  }

  @Test(arguments: [
    "", " ", "5", "s", "-5 s", "5 s 3", "1.s", ".5 s", "0.0001 s", "5 parsecs", "1,5 s", "1e3 s",
    "99999999999999999999 s", "9223372036854775807 d", "9223372036854775807 ms 1 ms", "1.0000000000 s",
  ])
  func whatIsNoDurationIsRefused(_ text: String) { #expect(DurationText.parse(text) == nil) }

  @Test(
    arguments: [
      (0, "0 s"), (1, "1 ms"), (1500, "1500 ms"), (5000, "5 s"), (90_000, "90 s"), (600_000, "10 min"),
      (1_800_000, "30 min"), (86_400_000, "24 h"), (604_800_000, "7 d"),
    ] as [(Int64, String)])
  func durationsPrintInTheUnitThatDividesThem(_ milliseconds: Int64, _ text: String) {
    #expect(DurationText.format(milliseconds) == text)
  }

  @Test func whatIsPrintedReadsBack() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededRandom(seed: seed)
    for _ in 0..<2000 {
      let number = Int64.random(in: 0...Int64.max, using: &random) >> Int64.random(in: 0...62, using: &random)
      #expect(DurationText.parse(DurationText.format(number)) == number, "seed \(seed)")
      #expect(SizeText.parse(SizeText.format(number)) == number, "seed \(seed)")
    }
  }

  @Test(
    arguments: [
      ("65536", 65536), ("64 MiB", 67_108_864), ("1.5 GB", 1_500_000_000), ("2KiB", 2048), ("0", 0), ("1 kB", 1000),
    ] as [(String, Int64)])
  func sizesRead(_ text: String, _ bytes: Int64) { #expect(SizeText.parse(text) == bytes) }

  @Test(arguments: ["", "MiB", "1 MB 2", "1 mb", "0.3 B", "-1", "9223372036854775807 KiB", "1 MiB 1 KiB"])
  func whatIsNoSizeIsRefused(_ text: String) { #expect(SizeText.parse(text) == nil) }

  @Test func approximateSizesHaveOneDecimal() {
    #expect(SizeText.approximate(999) == "999 B")
    #expect(SizeText.approximate(1_288_490_189) == "1.2 GiB")
  }

  @Test func ratiosAreFromZeroToOne() {
    #expect(RatioText.parse("0.01") == 0.01)
    for text in ["", "-0.1", "1.1", "nan", "inf", "x"] { #expect(RatioText.parse(text) == nil) }
  }
}
