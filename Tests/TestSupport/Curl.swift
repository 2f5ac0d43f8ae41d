internal import Foundation

/// curl, as a person calls it.
package enum Curl {
  private static let path = "/usr/bin/curl"
  package static let isInstalled = FileManager.default.isExecutableFile(atPath: path)

  /// The answer's status, 0 where there was none, and what curl wrote.
  package static func ask(_ words: [String]) throws -> (status: Int, text: String) {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: path)
    process.arguments = ["--silent", "--max-time", "30", "--write-out", "\n%{http_code}"] + words
    process.standardOutput = output
    try process.run()
    let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return (Int(lines.last ?? "") ?? 0, lines.dropLast().joined(separator: "\n"))
  }
}
