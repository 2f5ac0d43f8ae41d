/// The name that a mistyped one was meant to be.
///
/// Command lines, settings and requests are mistyped in the same ways, so all of them ask here.
public enum NearestName {
  /// No name of ours has more bytes, and a request decides how long its words are.
  private static let longestWordBytes = 100

  /// The candidate with the fewest edits from `word`, the first of equals; nil where none is close enough to be a
  /// typing error. O(total length of the candidates × length of `word`).
  public static func of(_ word: String, among candidates: [String]) -> String? {
    guard word.utf8.count <= longestWordBytes else { return nil }
    let limit = max(2, word.utf8.count / 3)
    var best: (name: String, distance: Int)?
    for candidate in candidates {
      let distance = editDistance(word, candidate)
      if distance <= limit, distance < (best?.distance ?? Int.max) { best = (candidate, distance) }
    }
    return best?.name
  }

  /// `"; did you mean 'x'?"`, or nothing where no candidate is near.
  public static func hint(_ word: String, among candidates: [String]) -> String {
    of(word, among: candidates).map { "; did you mean '\($0)'?" } ?? ""
  }

  /// Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment) that turn `left` into
  /// `right`. O(`left` × `right`) time, O(`right`) space.
  static func editDistance(_ left: String, _ right: String) -> Int {
    let left = Array(left.utf8)
    let right = Array(right.utf8)
    var beforePrevious: [Int] = []
    var previous = Array(0...right.count)
    for row in 0..<left.count {
      var current = [row + 1]
      current.reserveCapacity(right.count + 1)
      for column in 0..<right.count {
        let substitution = previous[column] + (left[row] == right[column] ? 0 : 1)
        var cost = min(substitution, previous[column + 1] + 1, current[column] + 1)
        let isSwap =
          row > 0 && column > 0 && left[row] == right[column - 1] && left[row - 1] == right[column]
        if isSwap { cost = min(cost, beforePrevious[column - 1] + 1) }
        current.append(cost)
      }
      (beforePrevious, previous) = (previous, current)
    }
    return previous[right.count]
  }
}
