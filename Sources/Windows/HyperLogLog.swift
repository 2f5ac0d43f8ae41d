/// Counts distinct 64-bit hashes in 4 KiB with a relative standard error of 1.6 %.
///
/// Flajolet, Fusy, Gandouet and Meunier's HyperLogLog with 2¹² registers, read by Otmar Ertl's improved estimator ("New
/// cardinality estimation algorithms for HyperLogLog sketches", 2017), which needs no table of corrections. The
/// registers are a function of the set of hashes alone, and a union takes the greater of each: in any order, any number
/// of times.
public struct HyperLogLog: Sendable, Equatable {
  static let precision = 12
  static let registerCount = 1 << precision
  /// The greatest rank: all 52 bits behind the register's number are zero.
  static let maximumRank = 64 - precision + 1
  /// Standard deviation of `count` relative to the truth.
  public static let standardError = 1.04 / 64.0

  private(set) var registers: [UInt8]

  public init() { registers = Array(repeating: 0, count: HyperLogLog.registerCount) }

  /// Registers that were written out; nil if there are not 4,096 or one holds an impossible rank.
  init?(registers: [UInt8]) {
    guard registers.count == HyperLogLog.registerCount, registers.allSatisfy({ $0 <= HyperLogLog.maximumRank }) else {
      return nil
    }
    self.registers = registers
  }

  /// O(1).
  public mutating func insert(_ hash: UInt64) {
    let register = Int(hash >> UInt64(64 - HyperLogLog.precision))
    let rest = hash << UInt64(HyperLogLog.precision)
    let rank = UInt8(min(rest.leadingZeroBitCount + 1, HyperLogLog.maximumRank))
    if rank > registers[register] { registers[register] = rank }
  }

  /// O(registers).
  public mutating func formUnion(_ other: HyperLogLog) {
    for register in 0..<HyperLogLog.registerCount where other.registers[register] > registers[register] {
      registers[register] = other.registers[register]
    }
  }

  /// The estimated number of distinct hashes. O(registers).
  public var count: Int {
    var histogram = Array(repeating: 0.0, count: HyperLogLog.maximumRank + 1)
    for rank in registers { histogram[Int(rank)] += 1 }
    let m = Double(HyperLogLog.registerCount)
    var z = m * HyperLogLog.tau(1 - histogram[HyperLogLog.maximumRank] / m)
    for rank in stride(from: HyperLogLog.maximumRank - 1, through: 1, by: -1) { z = (z + histogram[rank]) / 2 }
    z += m * HyperLogLog.sigma(histogram[0] / m)
    let twiceLogarithmOfTwo = 1.386_294_361_119_890_6
    return Int((m * m / (twiceLogarithmOfTwo * z)).rounded())
  }

  /// Σ x^(2^k) 2^(k−1) + x: corrects for empty registers; infinite if all are.
  private static func sigma(_ fraction: Double) -> Double {
    if fraction == 1 { return .infinity }
    var (x, y, z) = (fraction, 1.0, fraction)
    while true {
      x *= x
      let before = z
      z += x * y
      y += y
      if z == before { return z }
    }
  }

  /// Corrects for full registers.
  private static func tau(_ fraction: Double) -> Double {
    if fraction == 0 || fraction == 1 { return 0 }
    var (x, y, z) = (fraction, 1.0, 1 - fraction)
    while true {
      x = x.squareRoot()
      let before = z
      y *= 0.5
      z -= (1 - x) * (1 - x) * y
      if z == before { return z / 3 }
    }
  }
}
