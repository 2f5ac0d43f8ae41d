/// Shares: `0.01`.
enum RatioText {
  /// A number from 0 to 1; nil where `text` is none.
  static func parse(_ text: String) -> Double? {
    Double(text).flatMap { (0...1).contains($0) ? $0 : nil }
  }
}
