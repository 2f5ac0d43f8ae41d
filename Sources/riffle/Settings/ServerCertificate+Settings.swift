import Serving

extension ServerCertificate {
  /// The certificate and the key whose files the settings name; nil where they name none.
  ///
  /// - Throws: an error that names the file that is missing, unreadable, or of another certificate.
  convenience init?(_ settings: Settings) throws(CommandError) {
    let (certificatePath, keyPath) = (settings.httpCertificatePath, settings.httpKeyPath)
    guard certificatePath.isEmpty == keyPath.isEmpty else {
      let (given, missing) =
        keyPath.isEmpty ? ("http.tls.certificate", "http.tls.key") : ("http.tls.key", "http.tls.certificate")
      throw .usage("\(given) needs \(missing) beside it")
    }
    guard !certificatePath.isEmpty else { return nil }
    let certificate = try TextFile.read(certificatePath)
    let key = try TextFile.read(keyPath)
    do throws(ServerCertificate.Problem) {
      try self.init(certificate: certificate, key: key)
    } catch {
      let place =
        switch error {
        case .certificate: "http.tls.certificate (\(certificatePath))"
        case .key: "http.tls.key (\(keyPath))"
        case .mismatch: "http.tls.key (\(keyPath)) and http.tls.certificate (\(certificatePath))"
        }
      throw .badData("\(place): \(error)")
    }
  }
}
