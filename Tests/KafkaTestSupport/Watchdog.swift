internal import Foundation

/// Ends a test's broker and removes its folder when the test process ends, however it ends.
///
/// A shell reads from a pipe that the test process alone can write to: the pipe's end is the process's end.
final class Watchdog {
  private let shell = Process()
  private let pipe = Pipe()

  /// Watches over process `identifier`, which works in `directory`.
  init(over identifier: Int32, _ directory: URL) throws {
    shell.executableURL = URL(filePath: "/bin/sh")
    shell.arguments = ["-c", #"read word || { kill -9 "$0"; sleep 1; rm -rf "$1"; }"#, "\(identifier)", directory.path]
    shell.standardInput = pipe
    try shell.run()
  }

  /// Stands down: the process has ended.
  func dismiss() {
    try? pipe.fileHandleForWriting.write(contentsOf: Data("over\n".utf8))
    shell.waitUntilExit()
  }
}
