internal import Checkpoints
internal import Columns
public import Commerce
internal import Encodings
internal import Landing
public import Windows

/// One window of a rollup, merged from all its partials: sealed, deltas, live.
public struct KpiWindow: Sendable {
  public let window: Range<Int64>
  public let group: GroupValues
  public internal(set) var value: PartialAggregate
  /// Events that came after the window was sealed.
  public internal(set) var deltaEvents: Int64 = 0
  /// Whether some of it is still live.
  public internal(set) var isLive = false
}

/// Reads rollups: one row for each window and group.
public struct KpiRows {
  public let windows: [KpiWindow]
  private let rollup: Rollup
  private let currency: [UInt8]?
  private let watermark: Int64

  /// The rows of `rollup` at `snapshot`, by start and group. O(partials), in memory.
  public init(_ snapshot: Snapshot, job: Job, rollup name: String) throws {
    guard let index = job.rollupTables.firstIndex(where: { $0.rollup.name == name }) else {
      throw DataDirectoryError("no rollup '\(name)' is configured")
    }
    let table = job.rollupTables[index]
    var merged: [PaneKey<GroupValues>: KpiWindow] = [:]
    func merge(_ key: PaneKey<GroupValues>, _ value: PartialAggregate, isDelta: Bool, isLive: Bool) {
      for window in table.rollup.shape.windows(overPane: key.pane) {
        let windowKey = PaneKey(pane: window, group: key.group)
        if merged[windowKey] == nil {
          merged[windowKey] = KpiWindow(window: window, group: key.group, value: value)
        } else {
          merged[windowKey]?.value.merge(value)
        }
        if isDelta { merged[windowKey]?.deltaEvents += value.eventCount }
        if isLive { merged[windowKey]?.isLive = true }
      }
    }
    try snapshot.table(name).forEachPiece { piece in
      for row in piece.rows {
        let (key, value, kind) = try table.partial(piece.batch, row: Int(row))
        merge(key, value, isDelta: kind == .delta, isLive: false)
      }
    }
    for live in try snapshot.mergerState(job)?.live ?? [] where live.rollup == index {
      merge(live.key, live.value, isDelta: false, isLive: true)
    }
    self.init(Array(merged.values), rollup: table.rollup, settings: job.settings, watermark: snapshot.commit.watermark)
  }

  init(_ windows: [KpiWindow], rollup: Rollup, settings: JobSettings, watermark: Int64) {
    self.windows = windows.sorted(by: KpiRows.precedes)
    self.rollup = rollup
    self.watermark = watermark
    currency = settings.currency.map { Array($0.utf8) }
  }

  private static func precedes(_ left: KpiWindow, _ right: KpiWindow) -> Bool {
    guard left.window == right.window else {
      return (left.window.lowerBound, left.window.upperBound) < (right.window.lowerBound, right.window.upperBound)
    }
    for (first, second) in zip(left.group, right.group) where first != second {
      // Rows without a value come first.
      guard let first, let second else { return first == nil }
      return first.lexicographicallyPrecedes(second)
    }
    return false
  }

  // MARK: - Columns

  public func columns(withCompleteness: Bool) -> [String] {
    ["window_start", "window_end"] + rollup.groupBy + [
      "sessions", "page_views", "add_to_carts", "purchases", "conversion_rate", "orders", "order_conversion_rate",
      "revenue", "aov", "unique_users", "clicks", "searches", "checkouts", "refund_events", "refunds", "net_revenue",
      "revenue_by_currency", "approximate",
    ] + (withCompleteness ? ["status", "deltas"] : [])
  }

  public func values(_ row: KpiWindow, withCompleteness: Bool) -> [OutputValue] {
    let numbers = KpiNumbers(row.value, rollup: rollup)
    let revenue = shown(numbers.revenue)
    let refunds = shown(numbers.refunds)
    let sessions = numbers.distinct("sessions")
    let orders = numbers.distinct("orders")
    let purchases = numbers.count("purchases")
    let net = revenue.flatMap { gross in refunds.map { gross - $0 } }
    return [.time(row.window.lowerBound), .time(row.window.upperBound)]
      + row.group.map { $0.map(OutputValue.text) ?? .null } + [
        .integer(sessions), .integer(numbers.count("page_views")), .integer(numbers.count("add_to_carts")),
        .integer(purchases), .ratio(Int128(purchases), Int128(sessions)), .integer(orders),
        .ratio(Int128(orders), Int128(sessions)), revenue.map(OutputValue.money) ?? .null,
        revenue.map { .ratio($0, Int128(orders) * 10_000) } ?? .null, .integer(numbers.distinct("unique_users")),
        .integer(numbers.count("clicks")), .integer(numbers.count("searches")), .integer(numbers.count("checkouts")),
        .integer(numbers.count("refund_events")), refunds.map(OutputValue.money) ?? .null,
        net.map(OutputValue.money) ?? .null, MoneyText.byCurrency(numbers.revenue),
        .boolean(row.value.distincts.contains(where: \.isApproximate)),
      ] + (withCompleteness ? [.text(status(row)), .integer(row.deltaEvents)] : [])
  }

  private func shown(_ sums: MoneyByCurrency) -> Int128? {
    guard let currency else { return sums.single }
    return sums.entries.first { $0.currency == currency }?.amount ?? 0
  }

  private func status(_ row: KpiWindow) -> String {
    if row.isLive { return watermark < row.window.upperBound ? "open" : "on_time" }
    return row.deltaEvents > 0 ? "amended" : "final"
  }
}

/// The measures of a window by name.
struct KpiNumbers {
  private let value: PartialAggregate
  private let rollup: Rollup

  init(_ value: PartialAggregate, rollup: Rollup) {
    self.value = value
    self.rollup = rollup
  }

  func count(_ name: String) -> Int64 { position(name) { $0.kind == .count }.map { value.counts[$0] } ?? 0 }
  func distinct(_ name: String) -> Int64 {
    position(name) { $0.isDistinct }.map { Int64(value.distincts[$0].count) } ?? 0
  }
  var revenue: MoneyByCurrency { amount("revenue") }
  var refunds: MoneyByCurrency { amount("refunds") }

  private func amount(_ name: String) -> MoneyByCurrency {
    position(name) { $0.kind == .amount }.map { value.amounts[$0] } ?? MoneyByCurrency()
  }

  private func position(_ name: String, among isOfKind: (Measure) -> Bool) -> Int? {
    rollup.measures.filter(isOfKind).firstIndex { $0.name == name }
  }
}

/// Sums of several currencies as text.
enum MoneyText {
  /// A JSON object of sums by currency where there is more than one, else null.
  static func byCurrency(_ sums: MoneyByCurrency) -> OutputValue {
    guard sums.entries.count > 1 else { return .null }
    var json: [UInt8] = [UInt8(ascii: "{")]
    for (index, entry) in sums.entries.enumerated() {
      if index > 0 { json.append(UInt8(ascii: ",")) }
      ValueText.appendJSONString(entry.currency, to: &json)
      json.append(UInt8(ascii: ":"))
      ValueText.appendJSON(.money(entry.amount), to: &json)
    }
    return .json(json + [UInt8(ascii: "}")])
  }
}
