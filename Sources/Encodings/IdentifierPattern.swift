extension IdentifierPage {
  /// Where digits stand in every text, and what stands elsewhere.
  struct Pattern {
    static let maximumLength = 64
    private static let worthwhileDigits = 4

    let text: [UInt8]
    let isDigit: [Bool]
    let digitCount: Int
    /// Stretches of digits and of the rest in turn, as they follow each other.
    let runs: [Run]

    struct Run {
      let isDigits: Bool
      let start: Int
      let length: Int
    }

    var packedLength: Int { (digitCount + 1) / 2 }

    init(text: [UInt8], isDigit: [Bool]) {
      self.text = text
      self.isDigit = isDigit
      digitCount = isDigit.count { $0 }
      var runs: [Run] = []
      var start = 0
      for end in 1...max(text.count, 1) where end == text.count || isDigit[end] != isDigit[start] {
        runs.append(Run(isDigits: isDigit[start], start: start, length: end - start))
        start = end
      }
      self.runs = runs
    }

    /// The pattern that texts like `text` may have; nil where packing digits would save little. Bytes that are the
    /// same in all texts, those where `varies` is false, are no digits of any.
    init?(likeliestOf text: [UInt8], varies: [Bool]) {
      guard !text.isEmpty, text.count <= Pattern.maximumLength else { return nil }
      let isDigit = zip(text, varies).map { byte, varies in
        varies && ((0x30...0x39).contains(byte) || (0x61...0x66).contains(byte))
      }
      guard isDigit.count(where: { $0 }) >= Pattern.worthwhileDigits else { return nil }
      self.init(text: text, isDigit: isDigit)
    }
  }
}
