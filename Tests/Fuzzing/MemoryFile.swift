internal import ColdStore
internal import Glibc

/// A file system with one file, which cannot be written to.
struct MemoryFile: FileSystem {
  static let path = "fuzzed"
  let bytes: [UInt8]

  private final class Opened: ReadableFile {
    let bytes: [UInt8]
    init(_ bytes: [UInt8]) { self.bytes = bytes }
    func byteCount() -> Int { bytes.count }
    func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
      precondition(offset >= 0 && count >= 0, "a reader asks for \(count) bytes at \(offset)")
      return offset < bytes.count ? Array(bytes[offset..<min(bytes.count, offset + count)]) : []
    }
  }

  func openFile(_ path: String) -> any ReadableFile { Opened(bytes) }
  func exists(_ path: String) -> Bool { path == MemoryFile.path }
  func isDirectory(_ path: String) -> Bool { false }
  func byteCount(_ path: String) -> Int { bytes.count }
  func list(_ directory: String) -> [String] { [MemoryFile.path] }

  func createFile(_ path: String) throws(FileError) -> any WritableFile { throw refusal(path) }
  func appendToFile(_ path: String) throws(FileError) -> any WritableFile { throw refusal(path) }
  func rename(_ path: String, to target: String) throws(FileError) { throw refusal(path) }
  func synchronizeDirectory(_ directory: String) throws(FileError) { throw refusal(directory) }
  func createDirectory(_ directory: String) throws(FileError) { throw refusal(directory) }
  func remove(_ path: String) throws(FileError) { throw refusal(path) }
  func truncate(_ path: String, to byteCount: Int) throws(FileError) { throw refusal(path) }

  private func refusal(_ path: String) -> FileError {
    FileError(operation: "write", path: path, code: EROFS, message: "it is only read")
  }
}
