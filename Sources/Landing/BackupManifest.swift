internal import ColdStore
public import Encodings
internal import FoundationEssentials

/// What a backup consists of: `MANIFEST.json` beside its files.
///
///     {"epoch":12,"files":[{"byte_count":4711,"crc32c":"0a1b2c3d","path":"commits/commit-000000000012"}],"format":1}
public struct BackupManifest: Sendable, Equatable, Codable {
  public static let fileName = "MANIFEST.json"
  private static let format = 1

  public struct File: Sendable, Equatable, Codable {
    /// Relative to the backup.
    public let path: String
    public let byteCount: Int
    /// CRC32C of all bytes, eight hexadecimal digits.
    public let checksum: String

    enum CodingKeys: String, CodingKey {
      case path
      case byteCount = "byte_count"
      case checksum = "crc32c"
    }
  }

  /// The form of this file.
  public let format: Int
  /// The commit that was backed up.
  public let epoch: UInt64
  /// Sorted by path.
  public let files: [File]

  /// Of the files of a backup in `directory`, which are read for their checksums.
  init(epoch: UInt64, paths: [String], in directory: String, fileSystem: any FileSystem) throws {
    format = BackupManifest.format
    self.epoch = epoch
    files = try paths.sorted().map { path in
      let checksum = try fileSystem.checksum("\(directory)/\(path)")
      return File(
        path: path, byteCount: try fileSystem.byteCount("\(directory)/\(path)"),
        checksum: BackupManifest.digits(checksum))
    }
  }

  public init(_ bytes: [UInt8]) throws(CorruptionError) {
    do {
      self = try JSONDecoder().decode(BackupManifest.self, from: Data(bytes))
    } catch {
      throw CorruptionError("this is no manifest of a backup", path: BackupManifest.fileName)
    }
    guard format == BackupManifest.format else {
      throw CorruptionError(
        "its format is \(format), this version reads \(BackupManifest.format)", path: BackupManifest.fileName)
    }
    // A manifest may come from anywhere: it must not reach out of the backup.
    for file in files {
      let parts = file.path.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.allSatisfy({ !["", ".", ".."].contains($0) }) else {
        throw CorruptionError("it names '\(file.path)', which is no path in a backup", path: BackupManifest.fileName)
      }
    }
  }

  public func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return try [UInt8](encoder.encode(self)) + [UInt8(ascii: "\n")]
  }

  /// The bytes of all files.
  public var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }

  /// Throws unless every file is in `directory` with the size and checksum that it had. Reads all of them.
  func check(_ directory: String, fileSystem: any FileSystem) throws {
    for file in files {
      let path = "\(directory)/\(file.path)"
      guard fileSystem.exists(path) else { throw CorruptionError("the file is missing", path: path) }
      let byteCount = try fileSystem.byteCount(path)
      guard byteCount == file.byteCount else {
        throw CorruptionError("\(byteCount) bytes instead of \(file.byteCount)", path: path)
      }
      let checksum = BackupManifest.digits(try fileSystem.checksum(path))
      guard checksum == file.checksum else {
        throw CorruptionError("the checksum is \(checksum) instead of \(file.checksum)", path: path)
      }
    }
  }

  private static func digits(_ checksum: UInt32) -> String {
    let digits = String(checksum, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
