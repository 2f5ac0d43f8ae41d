import Glibc
import Synchronization
import Telemetry

/// Standard output for results, standard error for everything else.
enum Terminal {
  /// Writes a result to standard output.
  ///
  /// - Throws: An input/output error where the other end does not take it all.
  static func result(_ text: String) throws(CommandError) {
    guard write(text, to: STDOUT_FILENO) else {
      throw .inputOutput("cannot write to standard output: \(errorText(errno))")
    }
  }

  /// Where notes go instead of standard error as it is; nil while people read it.
  private static let log = Mutex<Log?>(nil)
  private static let name = "riffle: "

  /// From here on notes are lines of `log`: whoever reads standard error as JSON finds nothing else there.
  static func note(through log: Log) { self.log.withLock { $0 = log } }

  /// Writes a line to standard error; a reader that is gone is no reason to fail.
  static func note(_ line: String) {
    if let log = log.withLock({ $0 }) {
      return log.info(line.hasPrefix(name) ? String(line.dropFirst(name.count)) : line)
    }
    _ = write(line + "\n", to: STDERR_FILENO)
  }

  /// Says why the command fails.
  static func failure(_ message: String) {
    if let log = log.withLock({ $0 }) { return log.error(message) }
    note(name + message)
  }

  /// Says that newer commits than `epoch` are damaged, and how.
  static func noteFallback(_ reasons: [String], to epoch: UInt64?) {
    guard let epoch else { return }
    for reason in reasons { note("riffle: fell back to commit \(epoch), since a newer one is damaged: \(reason)") }
  }

  /// Writes to standard error without ending the line.
  static func draw(_ text: String) { _ = write(text, to: STDERR_FILENO) }

  /// Whether a person watches standard error.
  static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }

  /// The system's sentence for an error number: `No such file or directory`.
  static func errorText(_ number: Int32) -> String {
    guard let text = unsafe strerror(number) else { return "error \(number)" }
    // `strerror` returns a terminated string, copied before any other call.
    return unsafe String(cString: text)
  }

  private static func write(_ text: String, to descriptor: Int32) -> Bool {
    let bytes = Array(text.utf8)
    var written = 0
    while written < bytes.count {
      // The pointer stays within `bytes`: `written` never exceeds its count.
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress.map { unsafe $0 + written }, buffer.count - written)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      written += count
    }
    return true
  }
}
