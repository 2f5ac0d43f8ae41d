/// One reading of `/metrics`: each name's samples added up.
struct Metrics {
  private var sums: [Substring: Double] = [:]

  /// - Parameter exposition: lines of `name{labels} value`.
  init(_ exposition: String) {
    for line in exposition.split(separator: "\n") where !line.hasPrefix("#") {
      guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else { continue }
      sums[line.prefix { $0 != "{" && $0 != " " }, default: 0] += value
    }
  }

  /// The sum over all labels; 0 where nothing is told.
  func callAsFunction(_ name: String) -> Double { sums["riffle_" + name] ?? 0 }
}
