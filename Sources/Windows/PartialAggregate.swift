internal import Columns
public import Encodings

/// What can be combined in any order and grouping: the only things that a window may hold, so that late rows, key
/// groups and files can each bring their part.
public protocol Mergeable: Sendable {
  mutating func merge(_ other: Self)
}

/// The measures of one rollup over some of the events of one (window, group).
public struct PartialAggregate: Mergeable, Equatable {
  /// Events merged in.
  public var eventCount: Int64 = 0
  /// One slot a measure of kind `count`, in the rollup's order; and so on for the other kinds.
  public var counts: [Int64]
  public var distincts: [DistinctSet]
  public var amounts: [MoneyByCurrency]

  /// The identity: no event.
  public init(_ measures: [Measure], distinctExactLimit: Int) {
    counts = measures.filter { $0.kind == .count }.map { _ in 0 }
    distincts = measures.filter(\.isDistinct).map { _ in DistinctSet(exactLimit: distinctExactLimit) }
    amounts = measures.filter { $0.kind == .amount }.map { _ in MoneyByCurrency() }
  }

  public mutating func merge(_ other: PartialAggregate) {
    eventCount += other.eventCount
    for index in counts.indices { counts[index] += other.counts[index] }
    for index in distincts.indices { distincts[index].formUnion(other.distincts[index]) }
    for index in amounts.indices { amounts[index].merge(other.amounts[index]) }
  }

  public func encode(into writer: inout ByteWriter) {
    writer.writeVarint(UInt64(eventCount))
    for count in counts { writer.writeVarint(UInt64(count)) }
    for distinct in distincts { writer.write(bytes: distinct.encoded().span) }
    for amount in amounts { amount.encode(into: &writer) }
  }

  /// Reads what `encode` wrote for the same measures.
  public init(
    from reader: inout ByteReader, _ measures: [Measure], distinctExactLimit: Int
  ) throws(CorruptionError) {
    self.init(measures, distinctExactLimit: distinctExactLimit)
    eventCount = try PartialAggregate.readEventCount(from: &reader)
    for index in counts.indices { counts[index] = try PartialAggregate.readEventCount(from: &reader) }
    for index in distincts.indices {
      let bytes = try reader.readBytes()
      do throws(DistinctSetError) {
        distincts[index] = try DistinctSet(encoded: bytes, exactLimit: distinctExactLimit)
      } catch {
        throw CorruptionError("a distinct count: \(error)")
      }
    }
    for index in amounts.indices { amounts[index] = try MoneyByCurrency(from: &reader) }
  }

  /// No honest window has as many events, and counts of many such can be added up.
  private static let largestStoredCount: UInt64 = 1 << 48

  private static func readEventCount(from reader: inout ByteReader) throws(CorruptionError) -> Int64 {
    let count = try reader.readVarint()
    guard count < largestStoredCount else {
      throw CorruptionError("a window claims \(count) events", offset: reader.offset)
    }
    return Int64(count)
  }
}

extension Measure {
  /// Whether this is a distinct count.
  public var isDistinct: Bool { if case .distinct = kind { true } else { false } }
}
