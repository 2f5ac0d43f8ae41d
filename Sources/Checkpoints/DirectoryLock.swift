internal import Columns
internal import Glibc
internal import Telemetry

/// The right to write a data directory: an exclusive `flock` on its file `LOCK`, which says who holds it.
///
/// The system gives the lock up when the holder ends, however it ends. Released with the last reference.
public final class DirectoryLock: Sendable {
  private let descriptor: Int32

  /// Why the directory cannot be had.
  public struct Failure: Error, Sendable, CustomStringConvertible {
    public let path: String
    /// What the holder wrote into the lock; nil if the file itself could not be opened or written.
    public let holder: String?
    /// The system's words.
    public let message: String

    public var description: String {
      guard let holder else { return "cannot lock \(path): \(message)" }
      return
        "another process works on this data directory: \(path) is held by \(holder). Stop it, or use another directory"
    }
  }

  /// Takes the lock of `directory`, which exists, for `command`; throws at once if another holder has it.
  public init(directory: String, command: String) throws(Failure) {
    let path = directory + "/LOCK"
    let opened = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard opened >= 0 else { throw DirectoryLock.failure(path) }
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      let isHeld = errno == EWOULDBLOCK
      defer { close(opened) }
      throw isHeld
        ? Failure(path: path, holder: DirectoryLock.holder(opened), message: "held") : DirectoryLock.failure(path)
    }
    let now = EventTime.text(WallClock.nowMilliseconds())
    var text = "process \(getpid()) (\(command)) on \(DirectoryLock.host) since \(now)\n"
    let written = text.withUTF8 { unsafe pwrite(opened, $0.baseAddress, $0.count, 0) == $0.count }
    guard written, ftruncate(opened, text.utf8.count) == 0 else {
      defer { close(opened) }
      throw DirectoryLock.failure(path)
    }
    descriptor = opened
  }

  deinit { close(descriptor) }

  /// The name of this machine: a directory may be shared with others.
  private static var host: String {
    var name = [CChar](repeating: 0, count: 256)
    // The call writes at most as many bytes as it is told, and no zero behind a name that is longer.
    guard unsafe gethostname(&name, name.count) == 0 else { return "a machine without a name" }
    let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return bytes.isEmpty ? "a machine without a name" : String(decoding: bytes, as: UTF8.self)
  }

  private static func holder(_ descriptor: Int32) -> String {
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 1024) { buffer, count in
      count = unsafe max(0, pread(descriptor, buffer.baseAddress, 1024, 0))
    }
    let line = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    return line.isEmpty ? "a process that did not say who it is" : line
  }

  private static func failure(_ path: String) -> Failure {
    Failure(path: path, holder: nil, message: unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error")
  }
}
