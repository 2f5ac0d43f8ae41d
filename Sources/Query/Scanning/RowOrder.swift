/// The order of rows: nulls first, numbers and times by size, texts byte by byte; turned over where it descends.
enum RowOrder {
  static func precedes(_ left: [OutputValue], _ right: [OutputValue], _ order: [PlannedOrder]) -> Bool {
    for wanted in order {
      let (first, second) = (left[wanted.index], right[wanted.index])
      if precedes(first, second) { return !wanted.isDescending }
      if precedes(second, first) { return wanted.isDescending }
    }
    return false
  }

  /// Whether `left` comes before `right`. Both are of one column, so that they differ in kind only where one is null.
  static func precedes(_ left: OutputValue, _ right: OutputValue) -> Bool {
    switch (left, right) {
    case (.null, .null): false
    case (.null, _): true
    case (_, .null): false
    case (.integer(let left), .integer(let right)), (.decimal(let left), .decimal(let right)),
      (.time(let left), .time(let right)):
      left < right
    case (.money(let left), .money(let right)), (.ratio(let left), .ratio(let right)): left < right
    case (.real(let left), .real(let right)): left < right
    case (.boolean(let left), .boolean(let right)): !left && right
    case (.text(let left), .text(let right)), (.json(let left), .json(let right)):
      left.lexicographicallyPrecedes(right)
    default: preconditionFailure("values of one column are of different kinds")
    }
  }
}
