internal import Columns
public import Commerce
internal import Landing
internal import Windows

/// Reads orders: one row for each that has a purchase, by order and first purchase (SEMANTICS §8). Several purchases of
/// one order are one row; a purchase without an order is one of its own. Refunds count where their order is, whenever
/// they came. In memory: O(orders).
public struct OrderRows: Sendable {
  /// One order, or one purchase without.
  private struct Order: Sendable {
    /// Nil where there is none.
    let identifier: [UInt8]?
    /// Its first purchase in the total order; nil while there are refunds alone.
    var first: Purchase?
    var purchaseCount: Int64 = 0
    /// Ten-thousandths.
    var itemCount: Int64 = 0
    var revenue = MoneyByCurrency()
    var refunds = MoneyByCurrency()
  }

  private struct Purchase: Sendable {
    let time: Int64
    let source: Int64
    let offset: Int64
    let event: [UInt8]
    let session: [UInt8]
    let user: [UInt8]?

    static func precedes(_ left: Purchase, _ right: Purchase) -> Bool {
      (left.time, left.source, left.offset) < (right.time, right.source, right.offset)
    }
  }

  private let currency: [UInt8]?
  private var orders: [Order] = []
  private var positions: [[UInt8]: Int] = [:]

  public init(_ snapshot: Snapshot, job: Job) throws {
    self.init(job: job)
    try snapshot.table(TableNames.orders).forEachPiece { add($0.batch, rows: $0.rows, job) }
    sort()
  }

  /// The orders of the rows of `batch`, which has the columns of the table of orders.
  init(_ batch: Batch, job: Job) {
    self.init(job: job)
    add(batch, rows: SelectionVector(0..<UInt32(batch.rowCount)), job)
    sort()
  }

  private init(job: Job) { currency = job.settings.currency.map { Array($0.utf8) } }

  private mutating func add(_ batch: Batch, rows: SelectionVector, _ job: Job) {
    guard !rows.isEmpty else { return }
    let events = job.landing.stored.events(batch)
    let (identifiers, currencies) = (batch.strings(events.layout.order), batch.strings(events.layout.currency))
    for row in rows.map(Int.init) {
      let isPurchase = job.purchases.contains(code: events.types[row])
      let identifier = identifiers.views[row].length > 0 ? Array(copying: identifiers.bytes(row)) : nil
      // A refund of no order is booked to none.
      guard isPurchase || identifier != nil else { continue }
      let position = position(of: identifier)
      let amount = Int128(events.amounts[row])
      if isPurchase {
        if amount != 0 { orders[position].revenue.add(amount, currency: currencies.bytes(row)) }
        add(purchase: row, of: events, to: position)
      } else if amount != 0 {
        orders[position].refunds.add(amount, currency: currencies.bytes(row))
      }
    }
  }

  private mutating func position(of identifier: [UInt8]?) -> Int {
    if let known = identifier.flatMap({ positions[$0] }) { return known }
    orders.append(Order(identifier: identifier))
    if let identifier { positions[identifier] = orders.count - 1 }
    return orders.count - 1
  }

  private mutating func add(purchase row: Int, of events: EventBatch, to position: Int) {
    let batch = events.batch
    let quantity = batch.integers(events.layout.quantity)[row] ?? Money.scale
    let (sum, overflows) = orders[position].itemCount.addingReportingOverflow(quantity)
    orders[position].itemCount = overflows ? .max : sum
    orders[position].purchaseCount += 1
    let users = batch.strings(events.layout.user)
    let purchase = Purchase(
      time: events.times[row], source: events.sources[row], offset: events.offsets[row],
      event: Array(copying: batch.strings(events.layout.eventIdentifier).bytes(row)), session: events.sessionKey(row),
      user: users.views[row].length > 0 ? Array(copying: users.bytes(row)) : nil)
    if orders[position].first.map({ Purchase.precedes(purchase, $0) }) ?? true { orders[position].first = purchase }
  }

  private mutating func sort() {
    orders.removeAll { $0.first == nil }
    positions = [:]
    orders.sort { left, right in
      let (one, other) = (left.identifier ?? [], right.identifier ?? [])
      if one != other { return one.lexicographicallyPrecedes(other) }
      guard let first = left.first, let second = right.first else { return false }
      return first.time == second.time ? first.event.lexicographicallyPrecedes(second.event) : first.time < second.time
    }
  }

  public var count: Int { orders.count }

  /// When the order at `index` was made.
  func time(_ index: Int) -> Int64 { orders[index].first?.time ?? 0 }

  static let fields: [QueryColumn] = [
    QueryColumn(name: "order_id", kind: .text), QueryColumn(name: "ordered_at", kind: .time),
    QueryColumn(name: "event_id", kind: .text), QueryColumn(name: "session_id", kind: .text),
    QueryColumn(name: "user_id", kind: .text), QueryColumn(name: "purchases", kind: .integer),
    QueryColumn(name: "items", kind: .decimal), QueryColumn(name: "revenue", kind: .money),
    QueryColumn(name: "revenue_by_currency", kind: .json), QueryColumn(name: "refunds", kind: .money),
    QueryColumn(name: "refunds_by_currency", kind: .json),
  ]

  /// The values of the order at `index`, in the order of `fields`.
  func values(_ index: Int) -> [OutputValue] {
    let order = orders[index]
    guard let first = order.first else { return OrderRows.fields.map { _ in .null } }
    return [
      order.identifier.map(OutputValue.text) ?? .null, .time(first.time), .text(first.event), .text(first.session),
      first.user.map(OutputValue.text) ?? .null, .integer(order.purchaseCount), .decimal(order.itemCount),
      shown(order.revenue), MoneyText.byCurrency(order.revenue), shown(order.refunds),
      MoneyText.byCurrency(order.refunds),
    ]
  }

  /// The sum in the configured currency, or in the only one.
  private func shown(_ sums: MoneyByCurrency) -> OutputValue {
    let sum = currency.map { wanted in sums.entries.first { $0.currency == wanted }?.amount ?? 0 } ?? sums.single
    return sum.map(OutputValue.money) ?? .null
  }
}
