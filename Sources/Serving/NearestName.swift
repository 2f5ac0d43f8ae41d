/// The name that a mistyped one was meant to be.
enum NearestName {
  /// `"; did you mean 'x'?"`, or nothing where no candidate is near enough to be a typing error.
  /// O(total length of the candidates × length of `word`).
  static func hint(_ word: String, among candidates: [String]) -> String {
    // A request decides how long `word` is; no name of ours is that long.
    guard word.utf8.count <= 100 else { return "" }
    let limit = max(2, word.utf8.count / 3)
    let near = candidates.map { (name: $0, distance: distance(word, $0)) }.min { $0.distance < $1.distance }
    guard let near, near.distance <= limit else { return "" }
    return "; did you mean '\(near.name)'?"
  }

  /// Insertions, deletions and substitutions that turn one word into the other (Levenshtein).
  static func distance(_ left: String, _ right: String) -> Int {
    let right = Array(right.utf8)
    var previous = Array(0...right.count)
    for (row, letter) in left.utf8.enumerated() {
      var current = [row + 1]
      for column in 0..<right.count {
        let substitution = previous[column] + (letter == right[column] ? 0 : 1)
        current.append(min(substitution, previous[column + 1] + 1, current[column] + 1))
      }
      previous = current
    }
    return previous[right.count]
  }
}
