import Foundation

/// Why a benchmark ends without a result, and its exit code: those of `riffle`, and 1 for an answer that is wrong.
struct BenchmarkError: Error, CustomStringConvertible {
  let description: String
  let exitCode: Int32

  init(_ description: String, exitCode: Int32) {
    self.description = description
    self.exitCode = exitCode
  }
}

enum Output {
  /// What happens meanwhile goes to standard error: the result alone is on standard output.
  static func note(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }

  /// One line of JSON.
  static func jsonLine(_ value: [String: Any]) throws -> String {
    let data = try JSONSerialization.data(withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes])
    return String(decoding: data, as: UTF8.self)
  }

  /// Columns padded to their widest cell: the first to the left, numbers to the right.
  static func align(_ rows: [[String]]) -> String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + padding : padding + cell
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}

extension [Double] {
  /// The middle value, of an even number of values the mean of both; 0 where there is none.
  var median: Double {
    let sorted = sorted()
    if sorted.isEmpty { return 0 }
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
  }
}

extension Double {
  func text(decimals: Int) -> String { String(format: "%.\(decimals)f", self) }

  /// Rounded for the line of JSON.
  func rounded(decimals: Int) -> Double { Double(text(decimals: decimals)) ?? self }
}
