internal import Dispatch

/// Asks now and then whether there is a newer certificate, from when it is made until it is cancelled.
///
/// Unchecked: Dispatch's sources may be used from any thread.
struct CertificateRenewal: @unchecked Sendable {
  private static let interval = DispatchTimeInterval.seconds(5)

  private let timer: any DispatchSourceTimer

  init(_ core: ServerCore, _ newer: @escaping @Sendable () -> ServerCertificate?) {
    timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "riffle.http.certificate"))
    timer.schedule(deadline: .now() + CertificateRenewal.interval, repeating: CertificateRenewal.interval)
    timer.setEventHandler { if let certificate = newer() { core.renew(certificate) } }
    timer.resume()
  }

  func cancel() { timer.cancel() }
}
