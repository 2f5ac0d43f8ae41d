/// Stretches of time that do not meet, ascending.
package struct TimeSpans {
  package let spans: [ClosedRange<Int64>]

  /// What lies within `reach` of any of `times`.
  package init(around times: some Sequence<Int64>, reach: Int64) {
    var spans: [ClosedRange<Int64>] = []
    for time in times.sorted() {
      let span = saturatingSum(time, -reach)...saturatingSum(time, reach)
      if let last = spans.last, span.lowerBound <= last.upperBound {
        spans[spans.count - 1] = last.lowerBound...max(last.upperBound, span.upperBound)
      } else {
        spans.append(span)
      }
    }
    self.spans = spans
  }

  /// From the first to the last; nil where there is none.
  package var bounds: ClosedRange<Int64>? {
    guard let first = spans.first, let last = spans.last else { return nil }
    return first.lowerBound...last.upperBound
  }

  /// The one that `time` lies in. O(log spans).
  package func span(of time: Int64) -> ClosedRange<Int64>? {
    let span = spans[safely: firstIndex(endingAtOrAfter: time)]
    return span.flatMap { $0.contains(time) ? $0 : nil }
  }

  /// Whether any of them has a moment in common with `range`.
  package func overlap(_ range: ClosedRange<Int64>) -> Bool {
    spans[safely: firstIndex(endingAtOrAfter: range.lowerBound)].map { $0.lowerBound <= range.upperBound } ?? false
  }

  private func firstIndex(endingAtOrAfter time: Int64) -> Int {
    var (low, high) = (0, spans.count)
    while low < high {
      let middle = (low + high) / 2
      if spans[middle].upperBound < time { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension Array {
  fileprivate subscript(safely index: Int) -> Element? { index < count ? self[index] : nil }
}

/// The sum, or the end of time that it lies beyond.
func saturatingSum(_ time: Int64, _ duration: Int64) -> Int64 {
  let (sum, overflows) = time.addingReportingOverflow(duration)
  return overflows ? (duration < 0 ? .min : .max) : sum
}
