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
    #expect(error?.description.contains("process \(getpid()) (riffle backfill) since 2") == true)
    #expect(first != nil)
    first = nil
    #expect(throws: Never.self) { try DirectoryLock(directory: temporary.path, command: "riffle run") }
  }

  @Test func aMissingDirectoryIsAnErrorWithTheSystemsWords() {
    let error = #expect(throws: DirectoryLock.Failure.self) {
      try DirectoryLock(directory: "/nowhere", command: "riffle")
    }
    #expect(error?.description == "cannot lock /nowhere/LOCK: No such file or directory")
  }
}
