/// 128 bits of hash, taken for the hashed bytes themselves: two of n inputs share one with probability n²/2¹²⁹.
@frozen public struct Hash128: Hashable, Sendable, BitwiseCopyable {
  public var low: UInt64
  public var high: UInt64

  @inlinable public init(low: UInt64, high: UInt64) {
    self.low = low
    self.high = high
  }
}

/// In some order.
extension Hash128: Comparable {
  @inlinable public static func < (left: Hash128, right: Hash128) -> Bool {
    (left.low, left.high) < (right.low, right.high)
  }
}

/// Hashes of bytes that are stored and exchanged: the same on every machine, seedless, of no use against an adversary
/// who may choose keys to collide on purpose (identities therefore take 128 bits).
///
/// Built like Wang Yi's wyhash: 64×64→128-bit multiplications whose halves are folded, 16 bytes a step. A step waits
/// for the one before it, so that long inputs go through four chains side by side.
public enum Hash {
  @usableFromInline static let multipliers: (UInt64, UInt64, UInt64, UInt64) =
    (0x2D35_8DCC_AA6C_78A5, 0x8BB8_4B93_962E_ACC9, 0x4B33_A62E_D433_D4A3, 0x4D5A_2DA5_1DE1_AA47)

  /// One folded multiplication.
  @inlinable public static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }

  /// 64 bits of `length` bytes at `bytes`, which stay readable for the call.
  @unsafe public static func hash64(_ bytes: UnsafePointer<UInt8>, _ length: Int, seed: UInt64 = 0) -> UInt64 {
    let p = unsafe UnsafeRawPointer(bytes)
    var state = seed ^ multipliers.0
    var offset = 0
    if length > 64 {
      var (second, third, fourth) = (state, state, state)
      while length - offset > 64 {
        let at = unsafe p + offset
        state = unsafe step(at, multipliers.1, state)
        second = unsafe step(at + 16, multipliers.2, second)
        third = unsafe step(at + 32, multipliers.3, third)
        fourth = unsafe step(at + 48, multipliers.0, fourth)
        offset += 64
      }
      state ^= second ^ third ^ fourth
    }
    while length - offset > 16 {
      state = unsafe step(p + offset, multipliers.1, state)
      offset += 16
    }
    let (a, b) = unsafe tail(p + offset, length - offset)
    return mix(multipliers.1 ^ UInt64(length), mix(a ^ multipliers.1, b ^ state))
  }

  /// 16 bytes at `p`, folded into `state`.
  @inline(__always)
  private static func step(_ p: UnsafeRawPointer, _ multiplier: UInt64, _ state: UInt64) -> UInt64 {
    let a = unsafe p.loadUnaligned(as: UInt64.self)
    let b = unsafe p.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
    return mix(a ^ multiplier, b ^ state)
  }

  /// 128 bits of `length` bytes at `bytes`: see the other form.
  @unsafe public static func hash128(_ bytes: UnsafePointer<UInt8>, _ length: Int, seed: UInt64 = 0) -> Hash128 {
    unsafe hash128(bytes, length, seed: Hash128(low: seed, high: mix(seed ^ multipliers.2, multipliers.3)))
  }

  /// 128 bits of `bytes`.
  public static func hash128(_ bytes: Span<UInt8>, seed: Hash128 = Hash128(low: 0, high: multipliers.0)) -> Hash128 {
    unsafe bytes.withUnsafeBufferPointer { buffer in
      var none: UInt8 = 0
      guard let base = buffer.baseAddress else { return unsafe hash128(&none, 0, seed: seed) }
      return unsafe hash128(base, buffer.count, seed: seed)
    }
  }

  /// Two chains over the same words that share neither multipliers nor the roles of a step's words: input on which one
  /// of them forgets its state leaves the other's alone.
  private static func hash128(_ bytes: UnsafePointer<UInt8>, _ length: Int, seed: Hash128) -> Hash128 {
    let p = unsafe UnsafeRawPointer(bytes)
    var low = seed.low ^ multipliers.0
    var high = seed.high ^ multipliers.2
    var offset = 0
    while length - offset > 16 {
      let a = unsafe p.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      let b = unsafe p.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
      low = mix(a ^ multipliers.1, b ^ low)
      high = mix(b ^ multipliers.3, a ^ high)
      offset += 16
    }
    let (a, b) = unsafe tail(p + offset, length - offset)
    return Hash128(
      low: mix(multipliers.1 ^ UInt64(length), mix(a ^ multipliers.1, b ^ low)),
      high: mix(multipliers.3 ^ UInt64(length), mix(b ^ multipliers.3, a ^ high)))
  }

  public static func hash64(_ bytes: Span<UInt8>, seed: UInt64 = 0) -> UInt64 {
    unsafe bytes.withUnsafeBufferPointer { buffer in
      var none: UInt8 = 0
      guard let base = buffer.baseAddress else { return unsafe hash64(&none, 0, seed: seed) }
      return unsafe hash64(base, buffer.count, seed: seed)
    }
  }

  /// 0 to 16 bytes at `p` as two words, without reading past them.
  private static func tail(_ p: UnsafeRawPointer, _ length: Int) -> (UInt64, UInt64) {
    if length >= 8 {
      return unsafe (
        p.loadUnaligned(as: UInt64.self), p.loadUnaligned(fromByteOffset: length - 8, as: UInt64.self)
      )
    }
    if length >= 4 {
      return unsafe (
        UInt64(p.loadUnaligned(as: UInt32.self)), UInt64(p.loadUnaligned(fromByteOffset: length - 4, as: UInt32.self))
      )
    }
    guard length > 0 else { return (0, 0) }
    let first = unsafe UInt64(p.load(as: UInt8.self))
    let middle = unsafe UInt64(p.load(fromByteOffset: length >> 1, as: UInt8.self))
    let last = unsafe UInt64(p.load(fromByteOffset: length - 1, as: UInt8.self))
    return (first << 16 | middle << 8 | last, 0)
  }

  /// Kafka's murmur2 of the Java clients, by which keys map to partitions and key groups:
  /// `(murmur2(key) & 0x7FFFFFFF) mod count`.
  @unsafe public static func murmur2(_ bytes: UnsafePointer<UInt8>, _ length: Int) -> UInt32 {
    let p = unsafe UnsafeRawPointer(bytes)
    let m: UInt32 = 0x5BD1_E995
    var h: UInt32 = 0x9747_B28C ^ UInt32(truncatingIfNeeded: length)
    var offset = 0
    while length - offset >= 4 {
      var k = unsafe p.loadUnaligned(fromByteOffset: offset, as: UInt32.self) &* m
      k = (k ^ k >> 24) &* m
      h = (h &* m) ^ k
      offset += 4
    }
    let rest = length - offset
    if rest > 2 { h ^= unsafe UInt32(p.load(fromByteOffset: offset + 2, as: UInt8.self)) << 16 }
    if rest > 1 { h ^= unsafe UInt32(p.load(fromByteOffset: offset + 1, as: UInt8.self)) << 8 }
    if rest > 0 {
      h ^= unsafe UInt32(p.load(fromByteOffset: offset, as: UInt8.self))
      h = h &* m
    }
    h = (h ^ h >> 13) &* m
    return h ^ h >> 15
  }

  public static func murmur2(_ bytes: Span<UInt8>) -> UInt32 {
    unsafe bytes.withUnsafeBufferPointer { buffer in
      var none: UInt8 = 0
      guard let base = buffer.baseAddress else { return unsafe murmur2(&none, 0) }
      return unsafe murmur2(base, buffer.count)
    }
  }
}
