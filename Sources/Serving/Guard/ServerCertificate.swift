internal import CGnuTLS
internal import CMicrohttpd
internal import Glibc

/// The certificate that a server shows and its private key, both in PEM, found to belong together.
///
/// Unchecked: neither the texts nor what GnuTLS made of them ever change. The library reads the texts where they lie,
/// so whoever starts a daemon with them keeps them until it has stopped; whoever shows them in a session keeps them
/// until that has ended.
@safe public final class ServerCertificate: @unchecked Sendable {
  /// What is wrong with them; never what is in them.
  public enum Problem: Error, Equatable, CustomStringConvertible {
    /// The words are GnuTLS' own.
    case certificate(String)
    case key(String)
    case mismatch

    public var description: String {
      switch self {
      case .certificate(let reason):
        "the certificate is not readable: \(reason); it must be PEM, the server's own first"
      case .key(let reason): "the private key is not readable: \(reason); it must be PEM and not encrypted"
      case .mismatch: "the private key does not belong to the certificate"
      }
    }
  }

  /// TLS 1.2 and 1.3 with what GnuTLS thinks sound.
  static let priorities: StaticString = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

  let certificate: UnsafeMutablePointer<CChar>
  let key: UnsafeMutablePointer<CChar>
  private let credentials: gnutls_certificate_credentials_t

  /// - Parameters:
  ///   - certificate: the server's certificate, then those between it and an authority that clients trust.
  ///   - key: its private key.
  public init(certificate: String, key: String) throws(Problem) {
    try ServerCertificate.checkCertificate(certificate)
    unsafe credentials = try ServerCertificate.credentials(certificate, key)
    unsafe self.certificate = strdup(certificate)
    unsafe self.key = strdup(key)
  }

  deinit {
    unsafe gnutls_certificate_free_credentials(credentials)
    unsafe memset(key, 0, strlen(key))
    unsafe free(key)
    unsafe free(certificate)
  }

  /// Makes a session show this certificate, in place of the one that the library gave it.
  ///
  /// - Parameter session: a `gnutls_session_t` whose handshake has not begun, and which ends before this certificate.
  func show(in session: UnsafeMutableRawPointer) {
    let code = unsafe gnutls_credentials_set(
      OpaquePointer(session), GNUTLS_CRD_CERTIFICATE, UnsafeMutableRawPointer(credentials))
    assert(code == 0, "GnuTLS takes no credentials for a session")
  }

  /// Whether this build of libmicrohttpd can do TLS.
  static var isSupported: Bool { MHD_is_feature_supported(.FEATURE_TLS) == .YES }

  private static func checkCertificate(_ text: String) throws(Problem) {
    let code = unsafe withDatum(text) { datum -> Int32 in
      var parsed: gnutls_x509_crt_t?
      let code = unsafe gnutls_x509_crt_init(&parsed)
      guard code == 0 else { return code }
      // Freed once, after its only use.
      defer { unsafe gnutls_x509_crt_deinit(parsed) }
      return unsafe gnutls_x509_crt_import(parsed, datum, GNUTLS_X509_FMT_PEM)
    }
    guard code == 0 else { throw .certificate(reason(code)) }
  }

  /// Both as sessions use them; the caller frees it.
  private static func credentials(
    _ certificate: String, _ key: String
  ) throws(Problem) -> gnutls_certificate_credentials_t {
    var credentials: gnutls_certificate_credentials_t?
    let made = unsafe gnutls_certificate_allocate_credentials(&credentials)
    guard made == 0, let credentials = unsafe credentials else { throw .key(reason(made)) }
    let code = unsafe withDatum(certificate) { certificate in
      unsafe withDatum(key) { key in
        unsafe gnutls_certificate_set_x509_key_mem(credentials, certificate, key, GNUTLS_X509_FMT_PEM)
      }
    }
    guard code < 0 else { return unsafe credentials }
    unsafe gnutls_certificate_free_credentials(credentials)
    throw code == GNUTLS_E_CERTIFICATE_KEY_MISMATCH ? .mismatch : .key(reason(code))
  }

  /// Calls `body` with GnuTLS' view of a text, valid during the call.
  private static func withDatum(_ text: String, _ body: (UnsafePointer<gnutls_datum_t>) -> Int32) -> Int32 {
    var bytes = Array(text.utf8)
    return unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      var datum = unsafe gnutls_datum_t(data: buffer.baseAddress, size: UInt32(buffer.count))
      return unsafe withUnsafePointer(to: &datum) { unsafe body($0) }
    }
  }

  private static func reason(_ code: Int32) -> String {
    // A constant text of the library.
    unsafe gnutls_strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
  }
}
