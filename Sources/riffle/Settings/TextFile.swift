import Glibc

/// Small text files, read whole.
enum TextFile {
  /// More than any settings file needs.
  static let maximumBytes = 16 << 20

  /// - Throws: `cannotOpenInput` where the file is missing, unreadable or too large; `badData` where it is not UTF-8.
  static func read(_ path: String) throws(CommandError) -> String {
    // The path is terminated for the call alone.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotOpenInput("cannot open \(path): \(Terminal.errorText(errno))") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      // `read` writes at most the chunk's own count.
      let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .cannotOpenInput("cannot read \(path): \(Terminal.errorText(errno))") }
      if count == 0 { break }
      bytes += chunk[..<count]
      guard bytes.count <= maximumBytes else {
        throw .cannotOpenInput("\(path) is larger than \(SizeText.format(Int64(maximumBytes)))")
      }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .badData("\(path) is not UTF-8") }
    return text
  }
}
