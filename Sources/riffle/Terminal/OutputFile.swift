import ColdStore
import Glibc

/// Where a result goes: a file, or standard output.
final class OutputFile {
  private let descriptor: Int32
  private let name: String
  /// Where a whole file is written until it is complete, and the name it gets then.
  private var aside: (path: String, target: String)?

  /// Opens `path` anew; standard output where it is nil.
  ///
  /// A whole file has its name only from `finish` on: until then what was there stays, and without `finish` for good.
  /// What is no regular file, such as a pipe, is written to directly.
  init(_ path: String?, isWhole: Bool = false) throws(CommandError) {
    name = path ?? "standard output"
    aside = path.flatMap { isWhole && OutputFile.isReplaceable($0) ? ($0 + FileName.asideSuffix, $0) : nil }
    let opened = aside?.path ?? path
    descriptor = opened.map { unsafe open($0, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644) } ?? STDOUT_FILENO
    guard descriptor >= 0 else { throw .cannotCreate("cannot create \(name): \(Terminal.errorText(errno))") }
  }

  deinit {
    if descriptor != STDOUT_FILENO { close(descriptor) }
    if let aside { unsafe _ = unlink(aside.path) }
  }

  private static func isReplaceable(_ path: String) -> Bool {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return true }
    return status.st_mode & S_IFMT == S_IFREG
  }

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

  /// Gives a whole file its name, once its bytes are on the disk.
  func finish() throws(CommandError) {
    guard let aside else { return }
    guard fsync(descriptor) == 0, unsafe rename(aside.path, aside.target) == 0 else {
      throw .inputOutput("cannot write \(name): \(Terminal.errorText(errno))")
    }
    self.aside = nil
  }
}
