internal import Foundation

/// A new directory that goes, with all that is in it, with its last reference.
package final class TemporaryDirectory: Sendable {
  package let path: String

  package init() {
    path = FileManager.default.temporaryDirectory.appending(path: "riffle-test-\(UUID().uuidString)").path
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    } catch {
      preconditionFailure("no test can go on without a directory: \(error)")
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of `name` in the directory.
  package func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes `lines`, each with its newline, to the file `name`; says where.
  package func write(_ name: String, lines: [[UInt8]]) throws -> String {
    var data = Data()
    for line in lines {
      data.append(contentsOf: line)
      data.append(0x0A)
    }
    try data.write(to: URL(filePath: file(name)))
    return file(name)
  }

  /// Writes `bytes` to the file `name`; says where.
  package func write(_ name: String, bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: URL(filePath: file(name)))
    return file(name)
  }

  /// Writes each partition's lines to a file of its own, and says where.
  package func write(_ partitions: [[[UInt8]]], prefix: String = "part") throws -> [String] {
    try partitions.enumerated().map { index, lines in try write("\(prefix)-\(index).ndjson", lines: lines) }
  }

  /// Copies the folder `name`, with all that is in it, to `copy`.
  package func copy(_ name: String, to copy: String) throws {
    try FileManager.default.copyItem(atPath: file(name), toPath: file(copy))
  }

  /// Every file below the directory, relative to it, with its bytes.
  package func contents(of folder: String = ".") throws -> [String: [UInt8]] {
    let root = file(folder)
    var contents: [String: [UInt8]] = [:]
    for case let name as String in FileManager.default.enumerator(atPath: root) ?? .init() {
      var isDirectory: ObjCBool = false
      guard unsafe FileManager.default.fileExists(atPath: "\(root)/\(name)", isDirectory: &isDirectory),
        !isDirectory.boolValue
      else { continue }
      contents[name] = Array(try Data(contentsOf: URL(filePath: "\(root)/\(name)")))
    }
    return contents
  }
}
