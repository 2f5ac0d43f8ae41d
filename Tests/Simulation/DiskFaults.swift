internal import ColdStore
internal import Glibc
internal import TestSupport

/// When a disk refuses, and when the process dies in the middle of a change.
struct DiskFaults {
  enum Operation: String {
    case create, append, synchronize, rename, remove, truncate, read, list
    case makeDirectory = "create directory"
    case synchronizeDirectory = "synchronize directory"

    var isChange: Bool { self != .read && self != .list }
  }

  /// A call fails about once in so many; nil for never.
  var callsPerFailure: Int?
  /// Changes until the process dies: that one and all after it do nothing; nil for never.
  var changesToDeath: Int?
  private(set) var isDead = false
  /// Failures so far.
  private(set) var failures = 0

  init(callsPerFailure: Int? = nil, changesToDeath: Int? = nil) {
    self.callsPerFailure = callsPerFailure
    self.changesToDeath = changesToDeath
  }

  /// Throws if the call is to fail.
  mutating func check(_ operation: Operation, _ path: String, _ random: inout SeededRandom) throws(FileError) {
    if operation.isChange, let left = changesToDeath {
      changesToDeath = left - 1
      if left <= 0 { isDead = true }
    }
    let fails = isDead || callsPerFailure.map { random.happens(oneIn: $0) } ?? false
    guard fails else { return }
    failures += 1
    let needsRoom = [.create, .append, .makeDirectory].contains(operation)
    let code = needsRoom && random.happens(oneIn: 2) ? ENOSPC : EIO
    throw FileError(operation: operation.rawValue, path: path, code: code, message: isDead ? "dead" : "injected")
  }
}
