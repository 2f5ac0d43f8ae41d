internal import Checkpoints
internal import Columns
internal import Commerce
internal import HotIndex
internal import Query
internal import Telemetry

/// How complete an answer is (SEMANTICS §5): part of everything that is said about events.
struct Completeness: Sendable {
  /// Nil while it is undefined, and after the last event of input that has ended.
  let watermark: Int64?
  /// How far the watermark is behind the newest event. 0 once all partitions are read to their ends: nothing is known
  /// to be missing then. Nil while either is unknown.
  let eventTimeLagMilliseconds: Int64?
  /// Incarnation, commit, revision: who sees a greater one sees something newer.
  let epoch: String
  let isReplaying: Bool
  /// Whether all input has ended, so that nothing can change any more.
  let hasEnded: Bool
  private let partitions: [PartitionStatus]

  /// Of what is in memory.
  init(_ status: EngineStatus, _ hot: HotSnapshot) {
    self.init(status, watermark: hot.watermark, newest: hot.newestEventTime, epoch: Completeness.epoch(status, hot))
  }

  /// Of what is stored.
  ///
  /// - Parameter asOf: the greater of its watermark and newest event.
  init(_ status: EngineStatus, _ snapshot: Snapshot, asOf: Int64?) {
    let commit = snapshot.commit
    self.init(
      status, watermark: commit.watermark, newest: asOf,
      epoch: "\(commit.incarnation).\(commit.epoch).\(snapshot.revision)")
  }

  private init(_ status: EngineStatus, watermark: Int64?, newest: Int64?, epoch: String) {
    let known = watermark.flatMap { [EventTime.distantPast, EventTime.distantFuture].contains($0) ? nil : $0 }
    self.watermark = known
    self.epoch = epoch
    isReplaying = status.isReplaying
    hasEnded = watermark == EventTime.distantFuture
    partitions = status.partitions
    let isAtEnd = !partitions.isEmpty && partitions.allSatisfy { PartitionStatus.endStates.contains($0.state) }
    eventTimeLagMilliseconds = hasEnded || isAtEnd ? 0 : known.flatMap { known in newest.map { max(0, $0 - known) } }
  }

  static func epoch(_ status: EngineStatus, _ hot: HotSnapshot) -> String {
    "\(status.incarnation).\(status.commitEpoch).\(hot.revision)"
  }

  /// The members that all windows of an answer share.
  func writeMembers(to json: inout JSONWriter) {
    json.field("watermark", time: watermark)
    json.field("event_time_lag_ms", eventTimeLagMilliseconds)
    json.field("epoch", epoch)
  }

  /// The member `completeness` of a whole answer.
  func write(isProvisional: Bool, to json: inout JSONWriter) {
    json.key("completeness")
    json.object { json in
      writeMembers(to: &json)
      json.field("provisional", isProvisional)
      writePartitions(to: &json)
    }
  }

  func writePartitions(to json: inout JSONWriter) {
    json.field("replaying", isReplaying)
    json.key("partitions")
    json.array { json in
      for partition in partitions {
        json.object {
          $0.field("id", partition.partition)
          $0.field("topic", partition.topic)
          $0.field("state", partition.state)
          $0.field("offset", partition.offset)
          $0.field("end_offset", partition.endOffset)
          $0.field("w", time: partition.shownWatermark)
        }
      }
    }
  }
}

extension PartitionStatus {
  /// States of a partition that is read to its end.
  static let endStates: Set<String> = ["at_end", "excluded", "ended"]

  /// Nil before the first event and after the last.
  var shownWatermark: Int64? {
    watermark.flatMap { [EventTime.distantPast, EventTime.distantFuture].contains($0) ? nil : $0 }
  }

  /// Whether every message is accounted for exactly once.
  var isConserved: Bool { received == accepted + duplicates + waiting + deadLetters }
}
