import Foundation

/// The words of a command line: flags, each with its value, and what is none.
struct Flags {
  private(set) var operands: [String] = []
  private var values: [String: [String]] = [:]
  private let usage: String

  /// - Parameters:
  ///   - known: the flags there are, with their dashes.
  ///   - usage: what to say where something is wrong.
  init(_ arguments: [String], known: [String], usage: String) throws {
    self.usage = usage
    var rest = arguments[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--") else {
        operands.append(word)
        continue
      }
      guard known.contains(word) else { throw error("unknown flag '\(word)'") }
      guard let value = rest.popFirst() else { throw error("\(word) needs a value") }
      values[word, default: []].append(value)
    }
  }

  func texts(_ flag: String) -> [String] { values[flag] ?? [] }

  func text(_ flag: String) -> String? { values[flag]?.last }

  /// A count of at least 1.
  func count(_ flag: String, default usual: Int) throws -> Int { try counts(flag).last ?? usual }

  func counts(_ flag: String) throws -> [Int] {
    try texts(flag).map { text in
      guard let count = Int(text), count > 0 else {
        throw error("\(flag) takes a count of at least 1, not '\(text)'")
      }
      return count
    }
  }

  /// The folder for what is measured.
  var work: String {
    text("--work") ?? FileManager.default.temporaryDirectory.appending(path: "riffle-benchmarks").path
  }

  /// The program that is measured.
  func riffle() throws -> String {
    let path = text("--riffle") ?? ".build/release/riffle"
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw BenchmarkError("no executable at \(path): run 'make build', or name one with --riffle", exitCode: 66)
    }
    return path
  }

  func error(_ problem: String) -> BenchmarkError { BenchmarkError("\(problem)\nusage: \(usage)", exitCode: 64) }
}
