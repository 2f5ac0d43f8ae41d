import Glibc
import Serving
import Synchronization
import Telemetry

/// The files of a server's certificate and key, looked at again and again for new ones, as they come every few weeks.
///
/// The two are replaced one after the other, so what is new is read when both have stood still from one look to the
/// next. What cannot be used is told once, and the server goes on with what it has.
final class CertificateFiles: Sendable {
  /// What of a file changes when it is replaced or written; a link leads to its target.
  private struct Mark: Equatable {
    var device: UInt64 = 0
    var number: UInt64 = 0
    var size: Int64 = 0
    var seconds: Int = 0
    var nanoseconds: Int = 0

    /// All zeros where there is no such file.
    init(_ path: String) {
      var status = stat()
      guard unsafe stat(path, &status) == 0 else { return }
      (device, number, size) = (UInt64(status.st_dev), UInt64(status.st_ino), Int64(status.st_size))
      (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    }
  }

  private struct State {
    /// Of the files that were judged last.
    var judged: [Mark]
    /// Of the last look.
    var seen: [Mark]
  }

  private let settings: Settings
  private let log: Log
  private let state: Mutex<State>

  /// Made before the certificate is read for the first time, so that no change is missed.
  init(_ settings: Settings, log: Log) {
    self.settings = settings
    self.log = log
    let marks = CertificateFiles.marks(settings)
    state = Mutex(State(judged: marks, seen: marks))
  }

  private static func marks(_ settings: Settings) -> [Mark] {
    [Mark(settings.httpCertificatePath), Mark(settings.httpKeyPath)]
  }

  /// The certificate that the files have now, if it is a new one that can be used.
  func newer() -> ServerCertificate? {
    let marks = CertificateFiles.marks(settings)
    let isNew = state.withLock { state in
      defer { state.seen = marks }
      guard marks != state.judged, marks == state.seen else { return false }
      state.judged = marks
      return true
    }
    guard isNew else { return nil }
    do throws(CommandError) {
      let certificate = try ServerCertificate(settings)
      log.info("certificate renewed", ["file": .text(settings.httpCertificatePath)])
      return certificate
    } catch {
      log.error("a new certificate cannot be used; the one before is shown on", ["error": .text(error.message)])
      return nil
    }
  }
}
