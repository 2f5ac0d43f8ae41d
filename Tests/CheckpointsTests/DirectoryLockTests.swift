import Checkpoints
import Glibc
import TestSupport
import Testing

@Suite struct DirectoryLockTests {
  @Test func theSecondHolderLearnsWhoTheFirstIs() throws {
    let temporary = TemporaryDirectory()
    var first: DirectoryLock? = try DirectoryLock(directory: temporary.path, command: "riffle backfill")
    let error = #expect(throws: DirectoryLock.Failure.self) {
      try DirectoryLock(directory: temporary.path, command: "riffle run")
    }
    let description = try #require(error?.description)
    #expect(description.contains("process \(getpid()) (riffle backfill) on "))
    #expect(description.contains(" since 2") && !description.contains("without a name"))
    #expect(first != nil)
    first = nil
    #expect(throws: Never.self) { try DirectoryLock(directory: temporary.path, command: "riffle run") }
  }

  /// The file of a process that ended, however it ended, says what it says and locks nothing.
  @Test func theLockOfADeadProcessIsNone() throws {
    let temporary = TemporaryDirectory()
    let old = "process 1 (riffle run) on elsewhere since 2020-01-01T00:00:00Z, and more text than the next one has"
    _ = try temporary.write("LOCK", lines: [Array(old.utf8)])
    let lock = try DirectoryLock(directory: temporary.path, command: "riffle run")
    let text = try #require(try temporary.contents()["LOCK"].map { String(decoding: $0, as: UTF8.self) })
    withExtendedLifetime(lock) {
      #expect(text.hasPrefix("process \(getpid()) (riffle run) on ") && text.hasSuffix("Z\n"))
    }
  }

  @Test func aMissingDirectoryIsAnErrorWithTheSystemsWords() {
    let error = #expect(throws: DirectoryLock.Failure.self) {
      try DirectoryLock(directory: "/nowhere", command: "riffle")
    }
    #expect(error?.description == "cannot lock /nowhere/LOCK: No such file or directory")
  }
}
