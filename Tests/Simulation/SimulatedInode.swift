internal import TestSupport

/// The contents of one file: what processes see, and what the disk has.
///
/// In the manner of Linux's page cache: writing makes sectors dirty, synchronizing writes the dirty ones, and one that
/// fails leaves them clean all the same, whether they reached the disk or not.
final class SimulatedInode {
  static let sectorBytes = 512

  /// What a reader gets.
  private(set) var bytes: [UInt8] = []
  /// What a power cut leaves for certain.
  private var durable: [UInt8] = []
  /// Of each sector of `bytes`, whether it waits to be written.
  private var isDirty: [Bool] = []

  private func sector(_ number: Int, of count: Int) -> Range<Int> {
    let start = min(number * SimulatedInode.sectorBytes, count)
    return start..<min(start + SimulatedInode.sectorBytes, count)
  }

  private func touch(_ range: Range<Int>) {
    let sectorCount = (bytes.count + SimulatedInode.sectorBytes - 1) / SimulatedInode.sectorBytes
    while isDirty.count < sectorCount { isDirty.append(false) }
    isDirty.removeLast(isDirty.count - sectorCount)
    guard !range.isEmpty else { return }
    let touched = range.lowerBound / SimulatedInode.sectorBytes...(range.upperBound - 1) / SimulatedInode.sectorBytes
    for number in touched { isDirty[number] = true }
  }

  func append(_ more: [UInt8]) {
    let start = bytes.count
    bytes += more
    touch(start..<bytes.count)
  }

  func truncate(to byteCount: Int) {
    guard byteCount < bytes.count else { return }
    bytes.removeLast(bytes.count - byteCount)
    // The rest of the last sector is cleared, so that it is written again.
    touch(byteCount % SimulatedInode.sectorBytes == 0 ? 0..<0 : byteCount - 1..<byteCount)
  }

  func synchronize() {
    resizeDurable(bytes.count)
    for number in isDirty.indices where isDirty[number] { write(number) }
    isDirty = isDirty.map { _ in false }
  }

  /// Some sectors reach the disk, the others never will, unless they are written to again; the next `synchronize`
  /// knows nothing of it.
  func failToSynchronize(_ random: inout SeededRandom) {
    if random.happens(oneIn: 2) { resizeDurable(bytes.count) }
    for number in isDirty.indices where isDirty[number] && random.happens(oneIn: 2) { write(number) }
    isDirty = isDirty.map { _ in false }
  }

  private func resizeDurable(_ byteCount: Int) {
    if durable.count > byteCount { durable.removeLast(durable.count - byteCount) }
    if durable.count < byteCount { durable += repeatElement(0, count: byteCount - durable.count) }
  }

  /// Writes a sector, its first `limit` bytes only where that is less; not beyond the size that the disk knows.
  private func write(_ number: Int, limit: Int = .max) {
    let range = sector(number, of: min(bytes.count, durable.count)).prefix(limit)
    guard let first = range.first, let last = range.last else { return }
    durable.replaceSubrange(first...last, with: bytes[first...last])
  }

  /// What a power cut leaves: all that was synchronized, and of the rest, by sector, some.
  func losePower(_ loss: PowerLoss, _ random: inout SeededRandom) {
    if durable.count != bytes.count {
      let sizes = min(durable.count, bytes.count)...max(durable.count, bytes.count)
      switch loss.survives(&random) {
      case .all: resizeDurable(bytes.count)
      case .part: resizeDurable(sizes.lowerBound + random.below(sizes.count))
      case .none: break
      }
    }
    for number in isDirty.indices where isDirty[number] {
      switch loss.survives(&random) {
      case .all: write(number)
      case .part: write(number, limit: random.below(SimulatedInode.sectorBytes))
      case .none: break
      }
    }
    bytes = durable
    isDirty = []
    touch(0..<0)
  }

  /// Turns one bit over, in memory and on the disk.
  func decay(_ random: inout SeededRandom) {
    guard !bytes.isEmpty else { return }
    let position = random.below(bytes.count)
    let bit = UInt8(1) << UInt8(random.below(8))
    bytes[position] ^= bit
    if position < durable.count { durable[position] ^= bit }
  }
}

/// How much of what was not synchronized a power cut spares.
struct PowerLoss {
  enum Survival {
    case none
    case part
    case all
  }

  /// Hundredths of the unsynchronized that survive.
  let survivingPercent: Int

  /// Everything unsynchronized is lost, or all of it survives, or some does.
  static func choose(_ random: inout SeededRandom) -> PowerLoss {
    PowerLoss(survivingPercent: random.choose([0, 0, 20, 50, 80, 100]))
  }

  func survives(_ random: inout SeededRandom) -> Survival {
    guard random.below(100) < survivingPercent else { return .none }
    return survivingPercent < 100 && random.happens(oneIn: 8) ? .part : .all
  }
}

extension SeededRandom {
  mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }
  mutating func happens(oneIn count: Int) -> Bool { next() % UInt64(count) == 0 }
}
