import Foundation

/// The files of this repository, as the tidy tests see them.
enum SourceTree {
  struct File: Sendable {
    /// From the repository's root: `Sources/Columns/Batch.swift`.
    let path: String
    let lines: [Substring]
  }

  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Every Swift file under Sources and Tests, and the manifest.
  static let swiftFiles: [File] =
    files(under: ["Sources", "Tests"]) { $0.hasSuffix(".swift") } + [file("Package.swift")]

  /// Every text a person reads or a machine runs, beside the Swift files.
  static let otherFiles: [File] =
    files(under: ["Sources", "Config", ".ci", "docker"]) { !$0.hasSuffix(".swift") }
    + ["README.md", "Makefile"].map(file)

  /// The folders of Sources, each a target.
  static let targets: [String] = {
    let names = try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Sources").path)
    return (names ?? []).filter { !$0.contains(".") }.sorted()
  }()

  static func file(_ path: String) -> File {
    let text = (try? String(contentsOf: root.appending(path: path), encoding: .utf8)) ?? ""
    return File(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
  }

  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).path)
  }

  private static func files(under folders: [String], where belongs: (String) -> Bool) -> [File] {
    folders.flatMap { folder -> [File] in
      let names = FileManager.default.enumerator(atPath: root.appending(path: folder).path)?.compactMap {
        $0 as? String
      }
      return (names ?? []).filter { isFile("\(folder)/\($0)") && belongs($0) }.sorted().map { file("\(folder)/\($0)") }
    }
  }

  private static func isFile(_ path: String) -> Bool {
    let attributes = try? FileManager.default.attributesOfItem(atPath: root.appending(path: path).path)
    return attributes?[.type] as? FileAttributeType == .typeRegular
  }
}
