/// The random numbers of a traffic: the same for the same seed, on every machine and with every version of the
/// libraries.
///
/// Blackman and Vigna's xoshiro256** (2018), its state filled by SplitMix64. Distributions use the four basic
/// operations alone, which IEEE 754 fixes to the last bit.
struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var a: UInt64
  private var b: UInt64
  private var c: UInt64
  private var d: UInt64

  init(seed: UInt64) {
    var state = seed
    a = SeededGenerator.splitMix(&state)
    b = SeededGenerator.splitMix(&state)
    c = SeededGenerator.splitMix(&state)
    d = SeededGenerator.splitMix(&state)
  }

  private static func splitMix(_ state: inout UInt64) -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return scramble(state)
  }

  /// A bijection that spreads neighbouring numbers over all 64 bits.
  static func scramble(_ number: UInt64) -> UInt64 {
    var z = number
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }

  mutating func next() -> UInt64 {
    let product = b &* 5
    let result = (product << 7 | product >> 57) &* 9
    let shifted = b << 17
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = d << 45 | d >> 19
    return result
  }

  /// Uniform in [0, 1).
  mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }

  mutating func happens(_ probability: Double) -> Bool { fraction() < probability }

  /// Uniform in 0..<bound; the bias of 2⁻⁶⁴ × bound is of no matter here.
  mutating func below(_ bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(bound)).high) }

  /// Uniform in `range`.
  mutating func within(_ range: Range<Int64>) -> Int64 { range.lowerBound + Int64(below(range.count)) }

  /// Exponentially distributed with mean 1, at most 37.
  mutating func exponential() -> Double { -SeededGenerator.logarithm(1 - fraction()) }

  /// The natural logarithm of a normal number above 0: 2 artanh((m − 1) / (m + 1)) + e ln 2 for m × 2ᵉ.
  static func logarithm(_ x: Double) -> Double {
    let ratio = (x.significand - 1) / (x.significand + 1)
    let square = ratio * ratio
    var sum = 0.0
    for denominator in stride(from: 25, through: 1, by: -2) { sum = sum * square + 1 / Double(denominator) }
    return 2 * ratio * sum + Double(x.exponent) * 0.693_147_180_559_945_3
  }
}
