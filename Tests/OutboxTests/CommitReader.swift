import Checkpoints
import Commerce
import CommerceTestSupport
import Kafka
import Query
import Synchronization
import TestSupport

@testable import Outbox

/// A topic without brokers: looks at commits as a sink does, and is as slow, forgetful and unlucky as a seed wants.
///
/// `@unchecked Sendable`: the simulation calls it from one thread.
final class CommitReader: @unchecked Sendable {
  struct Epoch: Comparable {
    let incarnation: UInt64
    let commit: UInt64

    static func < (left: Epoch, right: Epoch) -> Bool {
      (left.incarnation, left.commit) < (right.incarnation, right.commit)
    }
  }

  private struct Lost: Error {}

  private let directory: String
  private let make: () -> any MessageSource
  private var source: any MessageSource
  private var random: SeededRandom
  /// What would be in the newest commit and is there after a crash, and what was acknowledged.
  private var (saved, cursor) = (OutboxCursor(topic: "t"), OutboxCursor(topic: "t"))
  /// By key, what a reader of the highest epoch holds.
  private(set) var kept: [String: (epoch: Epoch, value: String)] = [:]
  /// Two messages of one key and epoch that do not agree.
  private(set) var conflicts: [String] = []
  private(set) var messageCount = 0
  private(set) var crashCount = 0

  init(directory: String, seed: UInt64, _ make: @escaping () -> any MessageSource) {
    self.directory = directory
    self.make = make
    source = make()
    random = SeededRandom(seed: seed)
  }

  /// Looks at `commit`, or at a part of it, or does not.
  func offer(_ commit: Commit) throws {
    if random.next() % 8 == 0 { crash() }
    let luck = random.next() % 4
    if luck == 0 { return }
    try look(commit, chunks: luck == 1 ? Int(random.next() % 3) : .max)
    if random.next() % 2 == 0 { saved = cursor }
  }

  /// Looks at all of `commit`.
  func finish(_ commit: Commit) throws { try look(commit, chunks: .max) }

  private func crash() {
    crashCount += 1
    source = make()
    cursor = saved
  }

  private func look(_ commit: Commit, chunks: Int) throws {
    let epoch = Epoch(incarnation: commit.incarnation, commit: commit.epoch)
    var left = chunks
    do {
      try source.look(Snapshot(directory: directory, commit: commit), from: cursor) { chunk in
        for message in chunk.messages { keep(message, epoch) }
        // The messages may have arrived though nobody heard of it.
        guard left > 0 else { throw Lost() }
        left -= 1
        cursor.rows.merge(chunk.rows) { $1 }
      }
    } catch is Lost {}
  }

  private func keep(_ message: OutboxMessage, _ epoch: Epoch) {
    messageCount += 1
    let key = String(decoding: message.key, as: UTF8.self)
    let value = String(decoding: message.value ?? [], as: UTF8.self)
    guard let known = kept[key], known.epoch >= epoch else {
      kept[key] = (epoch, value)
      return
    }
    if known.epoch == epoch, Self.numbers(known.value) != Self.numbers(value) {
      conflicts.append("\(key): \(known.value) and \(value)")
    }
  }

  /// A value without what tells of its sending.
  static func numbers(_ value: String) -> Substring {
    value.firstRange(of: ",\"status\":").map { value[..<$0.lowerBound] } ?? value[...]
  }
}
