/// What the table of orders has of one purchase or refund.
package struct PlainOrder: Equatable, Comparable, Sendable {
  package var position: PlainPosition
  package var time: Int64
  package var type: String
  package var order: String?
  package var identifier: String

  package init(position: PlainPosition, time: Int64, type: String, order: String?, identifier: String) {
    self.position = position
    self.time = time
    self.type = type
    self.order = order
    self.identifier = identifier
  }

  package static func < (left: PlainOrder, right: PlainOrder) -> Bool { left.position < right.position }

  package static func orders(of events: [PlainEvent]) -> [PlainOrder] {
    events.filter { ["purchase", "refund"].contains($0.type) }.map { event in
      PlainOrder(
        position: event.position, time: event.time, type: event.type, order: event.order,
        identifier: event.identifier)
    }.sorted()
  }
}
