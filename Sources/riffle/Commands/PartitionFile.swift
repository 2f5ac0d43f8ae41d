import Glibc

/// A file of lines that is written from its beginning, in large pieces.
final class PartitionFile {
  /// What tells one file from another, whatever the paths that lead to it.
  struct Identity: Hashable {
    let device: dev_t
    let number: ino_t
  }

  private static let pieceBytes = 1 << 20

  let path: String
  /// Nil where several writers may share it, as a terminal or a pipe.
  let identity: Identity?
  /// Whether there is something in it that `start` would overwrite.
  let isOccupied: Bool
  private(set) var lineCount = 0
  private(set) var byteCount: Int64 = 0
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  /// Creates the file where there is none; touches nothing in one that is there.
  init(path: String) throws(CommandError) {
    // The path is terminated for the call alone.
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw PartitionFile.cannotCreate(path, errno) }
    var information = stat()
    // The pointer lives for the call alone.
    guard unsafe fstat(descriptor, &information) == 0 else {
      let number = errno
      close(descriptor)
      throw PartitionFile.cannotCreate(path, number)
    }
    let isFile = information.st_mode & S_IFMT == S_IFREG
    self.path = path
    self.descriptor = descriptor
    identity = isFile ? Identity(device: information.st_dev, number: information.st_ino) : nil
    isOccupied = isFile && information.st_size > 0
    buffer.reserveCapacity(PartitionFile.pieceBytes + 65536)
  }

  deinit { close(descriptor) }

  /// Empties the file.
  func start() throws(CommandError) {
    guard isOccupied else { return }
    guard ftruncate(descriptor, 0) == 0 else { throw cannotWrite(errno) }
  }

  /// Adds `line` and a line feed.
  func append(_ line: [UInt8]) throws(CommandError) {
    buffer += line
    buffer.append(UInt8(ascii: "\n"))
    lineCount += 1
    byteCount += Int64(line.count) + 1
    if buffer.count >= PartitionFile.pieceBytes { try flush() }
  }

  /// Hands what is left to the system.
  func flush() throws(CommandError) {
    var written = 0
    while written < buffer.count {
      // The pointer stays within `buffer`: `written` never exceeds its count.
      let count = unsafe buffer.withUnsafeBytes { bytes in
        unsafe write(descriptor, bytes.baseAddress.map { unsafe $0 + written }, bytes.count - written)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw cannotWrite(errno) }
      written += count
    }
    buffer.removeAll(keepingCapacity: true)
  }

  private func cannotWrite(_ number: Int32) -> CommandError {
    .inputOutput("cannot write to \(path): \(Terminal.errorText(number))")
  }

  private static func cannotCreate(_ path: String, _ number: Int32) -> CommandError {
    guard number == ENOENT, let slash = path.lastIndex(of: "/") else {
      return .cannotCreate("cannot create \(path): \(Terminal.errorText(number))")
    }
    return .cannotCreate("cannot create \(path): there is no directory \(path[..<slash]); create it first")
  }
}
