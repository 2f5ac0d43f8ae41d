import Glibc

/// Names of the time zone database: `Europe/Berlin`.
enum TimeZoneName {
  private static let database = "/usr/share/zoneinfo"

  /// Whether the system's time zone database has `name`. `UTC` is always known.
  static func isKnown(_ name: String) -> Bool {
    if name == "UTC" { return true }
    let isPlain = name.utf8.allSatisfy { byte in
      byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
        || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
        || "/_+-".utf8.contains(byte)
    }
    guard isPlain, !name.isEmpty, !name.hasPrefix("/") else { return false }
    var information = stat()
    // Both pointers live for the call alone.
    guard unsafe stat("\(database)/\(name)", &information) == 0 else { return false }
    return information.st_mode & S_IFMT == S_IFREG
  }
}
