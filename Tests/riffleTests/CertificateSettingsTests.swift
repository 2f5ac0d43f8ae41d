import Serving
import TestSupport
import Testing

@testable import riffle

@Suite(.enabled(if: TestCertificate.canBeMade, "needs openssl")) struct CertificateSettingsTests {
  private let certificate: TestCertificate

  init() throws { certificate = try TestCertificate() }

  private func settings(_ certificate: String?, _ key: String?) throws -> Settings {
    try SettingsLoader.load(
      overrides: [certificate.map { "http.tls.certificate=\($0)" }, key.map { "http.tls.key=\($0)" }].compactMap(\.self)
    )
  }

  private func error(_ certificate: String?, _ key: String?) -> CommandError? {
    #expect(throws: CommandError.self) { try ServerCertificate(settings(certificate, key)) }
  }

  @Test func aCertificateIsReadFromItsFiles() throws {
    #expect(try ServerCertificate(settings(certificate.path, certificate.keyPath)) != nil)
    #expect(try ServerCertificate(settings(nil, nil)) == nil)
  }

  @Test func oneFileNeedsTheOther() {
    #expect(error(certificate.path, nil)?.message == "http.tls.certificate needs http.tls.key beside it")
    #expect(error(nil, certificate.keyPath)?.message == "http.tls.key needs http.tls.certificate beside it")
  }

  @Test func aFileThatCannotBeUsedIsNamed() throws {
    let missing = error("/nonexistent/certificate.pem", certificate.keyPath)
    #expect(missing?.code == .cannotOpenInput)
    #expect(missing?.message == "cannot open /nonexistent/certificate.pem: No such file or directory")
    let swapped = error(certificate.keyPath, certificate.path)
    #expect(swapped?.code == .badData)
    #expect(swapped?.message.contains("http.tls.certificate (\(certificate.keyPath))") == true)
    let noKey = error(certificate.path, certificate.path)
    #expect(noKey?.message.contains("http.tls.key (\(certificate.path))") == true)
    let other = try TestCertificate()
    let mismatch = error(certificate.path, other.keyPath)
    #expect(mismatch?.message.contains("does not belong to the certificate") == true)
    for message in [missing, swapped, noKey, mismatch].compactMap({ $0?.message }) {
      #expect(!message.contains("PRIVATE KEY"))
    }
  }
}
