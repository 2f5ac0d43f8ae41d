import Foundation
import Serving
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import riffle

/// Files that are replaced while a server shows what was in them.
@Suite(.enabled(if: TestCertificate.canBeMade, "needs openssl")) struct CertificateFilesTests {
  private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }
    func append(_ line: [UInt8]) { lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
  }

  private let place = TemporaryDirectory()
  private let lines = Lines()
  private let files: CertificateFiles

  init() throws {
    let first = try TestCertificate()
    let (certificate, key) = (place.file("certificate.pem"), place.file("key.pem"))
    try first.text.write(toFile: certificate, atomically: true, encoding: .utf8)
    try first.key.write(toFile: key, atomically: true, encoding: .utf8)
    let settings = try SettingsLoader.load(
      overrides: ["http.tls.certificate=\(certificate)", "http.tls.key=\(key)"])
    files = CertificateFiles(settings, log: Log(write: { [lines] in lines.append($0) }))
  }

  private func write(_ name: String, _ text: String) throws {
    try text.write(toFile: place.file(name), atomically: true, encoding: .utf8)
  }

  @Test func aNewPairIsReadOnceItStandsStill() throws {
    #expect(files.newer() == nil && files.newer() == nil, "nothing is new")
    let second = try TestCertificate()
    try write("certificate.pem", second.text)
    #expect(files.newer() == nil, "the key may follow")
    try write("key.pem", second.key)
    #expect(files.newer() == nil, "it changed since the last look")
    let renewed = files.newer()
    #expect(renewed != nil && files.newer() == nil, "it is new once")
    #expect(lines.all.count == 1 && lines.all[0].contains("info certificate renewed"))
  }

  @Test func whatCannotBeUsedIsToldOnceAndWhatFollowsIsRead() throws {
    let second = try TestCertificate()
    try write("certificate.pem", second.text)
    for _ in 0..<4 { #expect(files.newer() == nil, "its key is another") }
    #expect(lines.all.count == 1 && lines.all[0].contains("error a new certificate cannot be used"))
    #expect(lines.all[0].contains("does not belong to the certificate") && !lines.all[0].contains("PRIVATE"))
    try FileManager.default.removeItem(atPath: place.file("key.pem"))
    for _ in 0..<3 { #expect(files.newer() == nil, "its key is gone") }
    #expect(lines.all.count == 2)
    try write("key.pem", second.key)
    #expect(files.newer() == nil)
    #expect(files.newer() != nil && lines.all.count == 3)
  }
}
