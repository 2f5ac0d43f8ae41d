internal import Columns

/// How far event time has come in one partition: its greatest event time less the out-of-orderness it is granted.
///
/// The promise of a watermark W: no on-time event before W is expected. It is evaluated per row, since what a row's own
/// partition had shown at the row's offset is a fact of the log and not of timing.
public struct PartitionWatermark: Sendable, Equatable {
  /// How much older than its predecessors an on-time event may be, in milliseconds.
  public let outOfOrdernessMilliseconds: Int64
  /// The greatest event time observed, nil before the first.
  public private(set) var newest: Int64?
  /// The watermark of the whole source at the time when the partition was counted again, or for the first time: what
  /// was sealed without it stays sealed, so events before this are judged by it.
  public var floor = EventTime.distantPast

  public init(outOfOrdernessMilliseconds: Int64, newest: Int64? = nil) {
    self.outOfOrdernessMilliseconds = outOfOrdernessMilliseconds
    self.newest = newest
  }

  /// Takes note of an event. One whose time lies too far after its arrival (`isFuture`) is counted in its window but
  /// moves no watermark: a wrong clock must not make everyone else late. O(1).
  @inlinable public mutating func observe(_ time: Int64, isFuture: Bool = false) {
    if !isFuture { advance(to: time) }
  }

  @usableFromInline mutating func advance(to time: Int64) {
    if time > newest ?? EventTime.distantPast { newest = time }
  }

  /// Nil before the first event.
  public var watermark: Int64? { newest.map { $0 - outOfOrdernessMilliseconds } }

  /// What an event that comes now is late by: the partition's own watermark, or the floor where that is greater.
  var lateness: Int64 { max(watermark ?? EventTime.distantPast, floor) }
}
