import ColdStore
import Glibc

/// A directory that goes with its last reference.
final class TemporaryDirectory {
  let path: String

  init() {
    var template = Array(("/tmp/riffle-test-" + String(repeating: "X", count: 6)).utf8CString)
    path = unsafe template.withUnsafeMutableBufferPointer { unsafe String(cString: mkdtemp($0.baseAddress!)) }
  }

  deinit { TemporaryDirectory.remove(path) }

  private static func remove(_ path: String) {
    let files = LocalFileSystem()
    for name in (try? files.list(path)) ?? [] {
      if files.isDirectory("\(path)/\(name)") {
        remove("\(path)/\(name)")
      } else {
        try? files.remove("\(path)/\(name)")
      }
    }
    unsafe rmdir(path)
  }
}
