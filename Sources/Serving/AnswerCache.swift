internal import Synchronization
internal import Telemetry

/// Keeps answers to equal questions for a moment, so that those who ask again and again cost one answer.
final class AnswerCache: Sendable {
  private struct Entry {
    let bytes: [UInt8]
    let madeNanoseconds: UInt64
  }

  private static let entriesMax = 64
  private let lifetimeNanoseconds: UInt64

  private let entries = Mutex<[String: Entry]>([:])

  /// 0 keeps nothing.
  init(lifetimeMilliseconds: Int) { lifetimeNanoseconds = UInt64(lifetimeMilliseconds) * 1_000_000 }

  /// The answer to `question`, if it is fresh.
  func answer(to question: String, atNanoseconds now: UInt64 = MonotonicClock.nowNanoseconds()) -> [UInt8]? {
    entries.withLock { entries in
      entries[question].flatMap { isFresh($0, now) ? $0.bytes : nil }
    }
  }

  func keep(
    _ bytes: [UInt8], for question: String, atNanoseconds now: UInt64 = MonotonicClock.nowNanoseconds()
  ) {
    entries.withLock { entries in
      entries = entries.filter { isFresh($0.value, now) }
      if entries.count < AnswerCache.entriesMax { entries[question] = Entry(bytes: bytes, madeNanoseconds: now) }
    }
  }

  private func isFresh(_ entry: Entry, _ now: UInt64) -> Bool {
    now < entry.madeNanoseconds + lifetimeNanoseconds
  }
}
