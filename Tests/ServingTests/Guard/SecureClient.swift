import Foundation

/// A connection with TLS that stays open, by openssl.
final class SecureClient {
  private let process = Process()
  private let (input, output) = (Pipe(), Pipe())

  init(port: UInt16, trusting path: String) throws {
    process.executableURL = URL(filePath: "/usr/bin/openssl")
    process.arguments = [
      "s_client", "-quiet", "-verify_return_error", "-CAfile", path, "-connect", "localhost:\(port)",
    ]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  /// Head and body of the answer, whose length its head says; what came of it where the server has gone.
  func get(_ target: String) throws -> String {
    try input.fileHandleForWriting.write(contentsOf: Data("GET \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
    var text = ""
    while !SecureClient.isWhole(text) {
      let bytes = output.fileHandleForReading.availableData
      if bytes.isEmpty { break }
      text += String(decoding: bytes, as: UTF8.self)
    }
    return text
  }

  func end() {
    // It may have inherited that SIGTERM is ignored.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  private static func isWhole(_ text: String) -> Bool {
    guard let end = text.range(of: "\r\n\r\n"),
      let field = text[..<end.lowerBound].lowercased().components(separatedBy: "\r\n").first(where: {
        $0.hasPrefix("content-length:")
      }), let length = Int(field.dropFirst("content-length:".count).trimmingCharacters(in: .whitespaces))
    else { return false }
    return text[end.upperBound...].utf8.count >= length
  }
}
