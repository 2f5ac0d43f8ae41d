internal import Foundation

/// A certificate for localhost that is its own authority, made by openssl, and its key.
package struct TestCertificate {
  private static let openssl = "/usr/bin/openssl"
  package static let canBeMade = FileManager.default.isExecutableFile(atPath: openssl)

  private let place = TemporaryDirectory()
  package let text: String
  package let key: String

  /// The file of the certificate.
  package var path: String { place.file("certificate.pem") }
  package var keyPath: String { place.file("key.pem") }

  package init() throws {
    let process = Process()
    process.executableURL = URL(filePath: TestCertificate.openssl)
    process.currentDirectoryURL = URL(filePath: place.path)
    process.arguments =
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext "
      .split(separator: " ").map(String.init) + [
        "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", "key.pem", "-out", "certificate.pem",
      ]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    text = try String(contentsOfFile: place.file("certificate.pem"), encoding: .utf8)
    key = try String(contentsOfFile: place.file("key.pem"), encoding: .utf8)
  }
}
