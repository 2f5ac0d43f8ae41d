import Glibc

/// Where a result goes: a file, or standard output.
final class OutputFile {
  private let descriptor: Int32
  private let name: String

  /// Opens `path` anew; standard output where it is nil.
  init(_ path: String?) throws(CommandError) {
    name = path ?? "standard output"
    descriptor = path.map { unsafe open($0, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644) } ?? STDOUT_FILENO
    guard descriptor >= 0 else { throw .cannotCreate("cannot create \(name): \(Terminal.errorText(errno))") }
  }

  deinit { if descriptor != STDOUT_FILENO { close(descriptor) } }

  /// Writes all of `bytes`.
  func write(_ bytes: [UInt8]) throws(CommandError) {
    var written = 0
    while written < bytes.count {
      // The rest of the array stays in place for the call.
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress.map { unsafe $0 + written }, buffer.count - written)
      }
      guard count >= 0 || errno == EINTR else {
        throw .inputOutput("cannot write \(name): \(Terminal.errorText(errno))")
      }
      written += max(count, 0)
    }
  }
}
