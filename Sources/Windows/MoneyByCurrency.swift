internal import Columns
public import Encodings

/// Sums of money, each currency by itself: currencies are never added up. Events without a currency have their own sum.
public struct MoneyByCurrency: Sendable, Equatable {
  public struct Entry: Sendable, Equatable {
    /// Empty for events that name no currency.
    public var currency: [UInt8]
    public var amount: Int128
  }

  /// Ascending by currency.
  public private(set) var entries: [Entry] = []

  public init() {}

  public var isEmpty: Bool { entries.isEmpty }

  /// The sum, if there is exactly one currency; zero if there is none; nil if there are several.
  public var single: Int128? { entries.count > 1 ? nil : entries.first?.amount ?? 0 }

  public mutating func add(_ amount: Int128, currency: [UInt8]) {
    entries[position(of: currency.span)].amount += amount
  }

  public mutating func add(_ amount: Int128, currency: Span<UInt8>) { entries[position(of: currency)].amount += amount }

  public mutating func merge(_ other: MoneyByCurrency) {
    for entry in other.entries { add(entry.amount, currency: entry.currency) }
  }

  /// The index of `currency`'s entry, made if need be. Linear: a window holds a handful of currencies.
  private mutating func position(of currency: Span<UInt8>) -> Int {
    for (index, entry) in entries.enumerated() {
      switch MoneyByCurrency.compare(entry.currency.span, currency) {
      case 0: return index
      case 1...:
        entries.insert(Entry(currency: Array(copying: currency), amount: 0), at: index)
        return index
      default: continue
      }
    }
    entries.append(Entry(currency: Array(copying: currency), amount: 0))
    return entries.count - 1
  }

  private static func compare(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Int {
    for index in 0..<min(left.count, right.count) where left[index] != right[index] {
      return left[index] < right[index] ? -1 : 1
    }
    return left.count == right.count ? 0 : left.count < right.count ? -1 : 1
  }

  public func encode(into writer: inout ByteWriter) {
    writer.writeVarint(UInt64(entries.count))
    for entry in entries {
      writer.write(bytes: entry.currency.span)
      writer.write(Int64(entry.amount >> 64))
      writer.write(UInt64(truncatingIfNeeded: entry.amount))
    }
  }

  /// No honest sum comes near it, and sums of many such stay within `Int128`, as do their quotients with ten digits.
  private static let largestStored = Int128(1) << 90

  public init(from reader: inout ByteReader) throws(CorruptionError) {
    let count = try reader.readCount(of: "currencies", minimumBytes: 17)
    for _ in 0..<count {
      let currency = try reader.readBytes()
      let high = try reader.readInt64()
      let amount = Int128(_low: try reader.readUInt64(), _high: high)
      guard amount.magnitude < MoneyByCurrency.largestStored.magnitude else {
        throw CorruptionError("a sum of money is \(amount)", offset: reader.offset)
      }
      if let last = entries.last, MoneyByCurrency.compare(last.currency.span, currency.span) >= 0 {
        throw CorruptionError("the currencies of a sum do not ascend", offset: reader.offset)
      }
      entries.append(Entry(currency: currency, amount: amount))
    }
  }
}
