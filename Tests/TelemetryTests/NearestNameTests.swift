import TestSupport
import Testing

@testable import Telemetry

@Suite struct NearestNameTests {
  @Test(arguments: [
    ("", "", 0), ("a", "", 1), ("", "ab", 2), ("kitten", "sitting", 3), ("bakfill", "backfill", 1),
    ("exprot", "export", 1), ("abc", "abc", 0),
  ])
  func distanceCountsEdits(_ left: String, _ right: String, _ distance: Int) {
    #expect(NearestName.editDistance(left, right) == distance)
    #expect(NearestName.editDistance(right, left) == distance)
  }

  @Test func distanceEqualsTheRecursiveDefinition() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededRandom(seed: seed)
    for _ in 0..<500 {
      let left = word(&random)
      let right = word(&random)
      #expect(
        NearestName.editDistance(left, right) == naive(Array(left.utf8), Array(right.utf8)),
        "seed \(seed): '\(left)' '\(right)'")
    }
  }

  @Test func onlyATypingErrorGetsAHint() {
    #expect(NearestName.of("exprt", among: ["import", "export"]) == "export")
    #expect(NearestName.of("zzzzzz", among: ["import", "export"]) == nil)
    #expect(NearestName.hint("exprt", among: ["export"]) == "; did you mean 'export'?")
    #expect(NearestName.hint("q", among: []) == "")
    let long = String(repeating: "x", count: 101)
    #expect(NearestName.of(long, among: [long]) == nil, "what is longer than any name is not compared")
  }

  private func word(_ random: inout SeededRandom) -> String {
    String((0..<Int.random(in: 0...6, using: &random)).map { _ in "abc".randomElement(using: &random) ?? "a" })
  }

  private func naive(_ left: [UInt8], _ right: [UInt8]) -> Int {
    if left.isEmpty || right.isEmpty { return left.count + right.count }
    let (shortLeft, shortRight) = (Array(left.dropLast()), Array(right.dropLast()))
    var best = min(
      naive(shortLeft, shortRight) + (left.last == right.last ? 0 : 1), naive(shortLeft, right) + 1,
      naive(left, shortRight) + 1)
    if let last = shortLeft.last, last == right.last, left.last == shortRight.last {
      best = min(best, naive(shortLeft.dropLast(), shortRight.dropLast()) + 1)
    }
    return best
  }
}
