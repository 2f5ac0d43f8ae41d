internal import Columns

/// Keeps the least and the greatest word.
final class ExtremesAccumulator: Accumulator {
  /// Of a group without values the least is above the greatest.
  private var least: [Int64] = []
  private var greatest: [Int64] = []

  private func grow(to groupCount: Int) {
    least.grow(to: groupCount, .max)
    greatest.grow(to: groupCount, .min)
  }

  func add(_ input: AccumulatorInput) {
    grow(to: input.groupCount)
    guard let column = input.column else { preconditionFailure("extremes are those of a column") }
    let words = Word.column(column).values
    let values = words.span
    input.forEach(&least) { least, row in least = min(least, values[row]) }
    input.forEach(&greatest) { greatest, row in greatest = max(greatest, values[row]) }
  }

  func merge(_ other: any Accumulator, groups: [UInt32], groupCount: Int) {
    grow(to: groupCount)
    let other = same(other)
    for index in other.least.indices {
      let group = Int(groups[index])
      least[group] = min(least[group], other.least[index])
      greatest[group] = max(greatest[group], other.greatest[index])
    }
  }

  func finish(groupCount: Int, measures: [PlannedMeasure]) { grow(to: groupCount) }

  func value(_ group: Int, _ measure: PlannedMeasure) -> OutputValue {
    guard least[group] <= greatest[group] else { return .null }
    return Word.value(measure.function == .minimum ? least[group] : greatest[group], measure.kind)
  }
}

/// Keeps the first and the last text in the order of bytes.
final class TextExtremesAccumulator: Accumulator {
  private var first: [[UInt8]?] = []
  private var last: [[UInt8]?] = []

  private func grow(to groupCount: Int) {
    first.grow(to: groupCount, nil)
    last.grow(to: groupCount, nil)
  }

  private func add(_ text: Span<UInt8>, to group: Int) {
    if first[group].map({ TextExtremesAccumulator.precedes(text, $0.span) }) ?? true {
      first[group] = Array(copying: text)
    }
    if last[group].map({ TextExtremesAccumulator.precedes($0.span, text) }) ?? true {
      last[group] = Array(copying: text)
    }
  }

  private static func precedes(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    for index in 0..<min(left.count, right.count) where left[index] != right[index] {
      return left[index] < right[index]
    }
    return left.count < right.count
  }

  func add(_ input: AccumulatorInput) {
    grow(to: input.groupCount)
    guard case .string(let text)? = input.column else { preconditionFailure("texts are those of a column of text") }
    for row in input.rows { add(text.bytes(Int(row)), to: Int(input.groups[Int(row)])) }
  }

  func merge(_ other: any Accumulator, groups: [UInt32], groupCount: Int) {
    grow(to: groupCount)
    let other = same(other)
    for index in other.first.indices {
      if let text = other.first[index] { add(text.span, to: Int(groups[index])) }
      if let text = other.last[index] { add(text.span, to: Int(groups[index])) }
    }
  }

  func finish(groupCount: Int, measures: [PlannedMeasure]) { grow(to: groupCount) }

  func value(_ group: Int, _ measure: PlannedMeasure) -> OutputValue {
    (measure.function == .minimum ? first[group] : last[group]).map(OutputValue.text) ?? .null
  }
}
