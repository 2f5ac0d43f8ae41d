internal import Columns
public import HotIndex
public import Windows

/// A quotient that is not divided yet, so that each reader rounds once, to the digits it shows.
public struct KpiRatio: Sendable, Equatable {
  public let numerator: Int128
  public let denominator: Int128

  public init(_ numerator: Int128, _ denominator: Int128) {
    self.numerator = numerator
    self.denominator = denominator
  }

  /// In units of 10⁻ᵈⁱᵍⁱᵗˢ, half to even; nil for a zero denominator.
  public func rounded(digits: Int) -> Int128? {
    guard denominator != 0 else { return nil }
    let scale = (0..<digits).reduce(Int128(1)) { scale, _ in scale * 10 }
    return Money.divideHalfEven(numerator * scale, denominator)
  }

  /// The 95 % confidence interval of a share after Wilson; nil where the quotient is none.
  public var interval95: ClosedRange<Double>? {
    guard denominator > 0, numerator >= 0, numerator <= denominator else { return nil }
    let (count, share, z) = (Double(denominator), Double(numerator) / Double(denominator), 1.959963984540054)
    let middle = share + z * z / (2 * count)
    let half = z * (share * (1 - share) / count + z * z / (4 * count * count)).squareRoot()
    let scale = 1 + z * z / count
    return max(0, (middle - half) / scale)...min(1, (middle + half) / scale)
  }
}

/// One number of a window, in the form that a printer needs.
public enum KpiValue: Sendable, Equatable {
  case count(Int64)
  /// A share or a rate.
  case ratio(KpiRatio)
  /// Money a piece, in units of the currency.
  case average(KpiRatio)
  /// Ten-thousandths; nil where currencies would have to be added up.
  case money(Int128?)
  /// Listed where there is more than one.
  case sums([HotAmount])
  case flag(Bool)
  /// What would need distinct things that windows have in common, where these are not known.
  case unknown

  static func count(distinct count: Int64?) -> KpiValue { count.map(KpiValue.count) ?? .unknown }

  static func ratio(_ numerator: Int64?, _ denominator: Int64?) -> KpiValue {
    guard let numerator, let denominator else { return .unknown }
    return .ratio(KpiRatio(Int128(numerator), Int128(denominator)))
  }

  /// Money for each of `count` things; without a value where `sum` is none.
  static func average(_ sum: Int128?, _ count: Int64?) -> KpiValue {
    guard let count else { return .unknown }
    return .average(KpiRatio(sum ?? 0, sum == nil ? 0 : Int128(count) * Int128(Money.scale)))
  }
}

/// The numbers of a window, and those derived from them (SEMANTICS §8): one definition, whether a window was read from
/// the store or is still hot.
public struct KpiMetrics: Sendable {
  /// In the order in which they are shown.
  public let values: [(name: String, value: KpiValue)]

  public subscript(_ name: String) -> KpiValue? { values.first { $0.name == name }?.value }

  /// - Parameters:
  ///   - measures: those of the window's rollup.
  ///   - currency: the one whose sums are shown; without it, that of a window with a single currency.
  public init(_ window: HotWindow, measures: [Measure], currency: [UInt8]?) {
    let numbers = KpiNumbers(window, measures)
    values = KpiDefinition.all.map { ($0.name, KpiMetrics.value($0.formula, numbers, currency)) }
  }

  private static func value(_ formula: KpiFormula, _ numbers: KpiNumbers, _ currency: [UInt8]?) -> KpiValue {
    func sum(_ name: String) -> Int128? { shown(numbers.amounts(name), currency) }
    func number(_ name: String) -> Int64? {
      numbers.measures.contains { $0.name == name && $0.isDistinct } ? numbers.distinct(name) : numbers.count(name)
    }
    switch formula {
    case .count(let name): return .count(numbers.count(name))
    case .distinct(let name): return .count(distinct: numbers.distinct(name))
    case .ratio(let part, let whole): return .ratio(number(part), numbers.distinct(whole))
    case .sum(let name): return .money(sum(name))
    case .average(let name, let things): return .average(sum(name), numbers.distinct(things))
    case .difference(let name, let other):
      // Each may have one currency, and the other's be another.
      let currencies = Set((numbers.amounts(name) + numbers.amounts(other)).map(\.currency))
      guard currency != nil || currencies.count < 2 else { return .money(nil) }
      return .money(sum(name).flatMap { gross in sum(other).map { gross - $0 } })
    case .sums(let name):
      let sums = numbers.amounts(name)
      return .sums(sums.count > 1 ? sums : [])
    case .isApproximate: return .flag(numbers.window.isApproximate)
    }
  }

  /// The names of all values, in order.
  public static let names = columns.map(\.name)

  /// All values as columns of a table.
  static let columns = KpiMetrics(
    .empty(0..<1, group: [], measures: [], status: .open), measures: [], currency: nil
  )
  .values.map { QueryColumn(name: $0.name, kind: kind($0.value)) }

  private static func kind(_ value: KpiValue) -> QueryColumn.Kind {
    switch value {
    case .count, .unknown: .integer
    case .ratio, .average: .real
    case .money: .money
    case .sums: .json
    case .flag: .boolean
    }
  }

  /// What of sums in several currencies is shown: that of `currency`; without it, the only one, and nil where there are
  /// more.
  public static func shown(_ sums: [HotAmount], _ currency: [UInt8]?) -> Int128? {
    guard let currency else { return sums.count > 1 ? nil : sums.first?.amount ?? 0 }
    return sums.first { $0.currency == currency }?.amount ?? 0
  }
}

/// Finds the numbers of a window by the names of their measures; a measure that there is not counts nothing.
struct KpiNumbers {
  let window: HotWindow
  let measures: [Measure]

  init(_ window: HotWindow, _ measures: [Measure]) {
    self.window = window
    self.measures = measures
  }

  func count(_ name: String) -> Int64 { value(of: name, in: window.counts) { $0.kind == .count } ?? 0 }
  func distinct(_ name: String) -> Int64? {
    window.distincts.map { value(of: name, in: $0, among: \.isDistinct) ?? 0 }
  }
  func amounts(_ name: String) -> [HotAmount] { value(of: name, in: window.amounts) { $0.kind == .amount } ?? [] }

  private func value<Value>(of name: String, in values: [Value], among isOfKind: (Measure) -> Bool) -> Value? {
    let index = measures.lazy.filter(isOfKind).enumerated().first { $0.element.name == name }?.offset
    return index.flatMap { values.indices.contains($0) ? values[$0] : nil }
  }
}

extension HotWindow {
  /// A window in which nothing happened.
  public static func empty(
    _ window: Range<Int64>, group: [[UInt8]?], measures: [Measure], status: HotStatus
  ) -> HotWindow {
    HotWindow(
      window: window, group: group, eventCount: 0, counts: measures.filter { $0.kind == .count }.map { _ in 0 },
      distincts: measures.filter(\.isDistinct).map { _ in 0 },
      amounts: measures.filter { $0.kind == .amount }.map { _ in [] }, isApproximate: false, status: status,
      corrections: 0, deltas: 0, updatedMilliseconds: nil)
  }

  /// The numbers of a window that was read from the store.
  public init(_ row: KpiWindow, status: HotStatus) {
    self.init(
      window: row.window, group: row.group, eventCount: row.value.eventCount, counts: row.value.counts,
      distincts: row.value.distincts.map { Int64($0.count) },
      amounts: row.value.amounts.map { sums in
        sums.entries.map { HotAmount(currency: $0.currency, amount: $0.amount) }
      },
      isApproximate: row.value.distincts.contains(where: \.isApproximate), status: status, corrections: 0,
      deltas: row.deltaEvents, updatedMilliseconds: nil)
  }
}
