extension HTTPQuery {
  private static let units: [(name: String, milliseconds: Int64)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("min", 60_000), ("h", 3_600_000), ("d", 86_400_000),
  ]

  /// Milliseconds, from a whole number and a unit, `30m`, of at most ten years; nil where the parameter is absent.
  package func durationMilliseconds(_ name: String) throws(HTTPFailure) -> Int64? {
    guard let text = text(name) else { return nil }
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let unit = HTTPQuery.units.first { $0.name == text.dropFirst(digits.count) }
    if let unit, let count = Int64(digits), count <= 3650 * 86_400_000 / unit.milliseconds {
      return count * unit.milliseconds
    }
    let rule = "must be a whole number with one of the units ms, s, m, h, d, at most ten years, such as 30m"
    throw .badParameter(name: name, "\(rule), not '\(text.prefix(60))'")
  }
}
