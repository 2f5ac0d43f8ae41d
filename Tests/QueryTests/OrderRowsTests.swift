import Columns
import Commerce
import CommerceTestSupport
import Landing
import Query
import TestSupport
import Testing

@Suite struct OrderRowsTests {
  private static let columns = [
    "order_id", "ordered_at", "event_id", "session_id", "user_id", "purchases", "items", "revenue", "refunds",
  ]

  private func line(
    _ event: String, _ type: String, minute: Int64, order: String?, price: String = "10", _ more: String = ""
  ) -> [UInt8] {
    EventLine.make(
      event, type, at: EventLine.noon + minute * EventTime.minute, session: "s\(event)", user: "u",
      #""price":\#(price),"currency":"EUR""# + (order.map { #","order_id":"\#($0)""# } ?? "") + more)
  }

  private func cells(_ shop: Shop) throws -> [String] {
    try shop.run.cells(Self.columns, of: "orders").map { $0.replacing("2023-11-16T", with: "") }
  }

  /// Two purchases of one order are one row with the first one's session; one without an order is a row of its own.
  @Test func anOrderIsOneRow() throws {
    let shop = try Shop(
      JobSettings(),
      [
        line("b", "purchase", minute: 2, order: "o1", price: "2.5", #","quantity":3"#),
        line("c", "purchase", minute: 3, order: nil), line("v", "page_view", minute: 3, order: "o9"),
      ],
      [line("a", "purchase", minute: 1, order: "o1"), line("d", "purchase", minute: 4, order: "o0", price: "1.25")])
    #expect(
      try cells(shop) == [
        "null 12:03:00Z c sc u 1 1 10.0000 0.0000", "o0 12:04:00Z d sd u 1 1 1.2500 0.0000",
        "o1 12:01:00Z a sa u 2 4 17.5000 0.0000",
      ])
  }

  /// Days later too, and before the purchase is known. A refund of what nobody bought is no order.
  @Test func refundsAreBookedToTheirOrder() throws {
    let later = 3 * EventTime.day / EventTime.minute
    let shop = try Shop(
      JobSettings(),
      [
        line("a", "purchase", minute: 0, order: "o1"), line("r", "refund", minute: later, order: "o1", price: "4"),
        line("x", "refund", minute: later, order: "o7"), line("y", "refund", minute: later, order: nil),
      ])
    #expect(try cells(shop) == ["o1 12:00:00Z a sa u 1 1 10.0000 4.0000"])
    #expect(try shop.run.verify().isGood)
  }

  @Test func sumsOfSeveralCurrenciesAreNotAdded() throws {
    let shop = try Shop(
      JobSettings(),
      [
        line("a", "purchase", minute: 0, order: "o"),
        line("b", "purchase", minute: 1, order: "o", price: "7", #","currency":"USD""#),
      ])
    #expect(
      try shop.run.rows(of: "orders").map { $0.contains(#""revenue":null,"revenue_by_currency":{"EUR":"10.0000","#) }
        == [true])
  }

  @Test func ordersAreAskedLikeAnyTable() throws {
    let shop = try Shop(
      JobSettings(),
      (0..<6).map { line("e\($0)", "purchase", minute: $0, order: "o\($0 / 2)", price: "\($0)") })
    let request = try QueryRequest(
      json: Array(
        #"{"table":"orders","filters":[{"column":"purchases","value":2}],"measures":[{"count":"*"},{"sum":"revenue"}]}"#
          .utf8))
    let printer = QueryPrinter(try QueryAnswer(shop.run.snapshot(), job: shop.run.job, request))
    var bytes: [UInt8] = []
    while let block = try printer.next() { bytes += block }
    let answer = String(decoding: bytes, as: UTF8.self)
    #expect(answer.contains("15.0000") && answer.contains("3"), "\(answer)")
  }

  @Test func everyOrderIsCompared() throws {
    let shop = try Shop(
      JobSettings(), (0..<3).map { line("e\($0)", "purchase", minute: $0, order: "o\($0)") })
    #expect(try shop.run.verify().checks.last.map { "\($0.name): \($0.scope)" } == "orders: 3 orders")
    let table = try shop.run.snapshot().table("orders")
    #expect(table.rowCount == 3)
  }
}
