public import Kafka

/// The log of one partition as its lane reads it: Kafka's in production, one in memory in the simulation.
///
/// One thread reads: the lane.
public protocol PartitionLog: AnyObject, Sendable {
  /// Calls `receive` with each message that is there, in offset order, at most `maximumMessages`, and returns what else
  /// happened. Waits for nothing.
  ///
  /// A null value has no payload; a message of a format without time has no arrival.
  func read(
    maximumMessages: Int,
    into receive: (_ offset: Int64, _ payload: Span<UInt8>?, _ arrivalMilliseconds: Int64?) -> Void
  ) -> [PartitionEvent]

  /// What the log held at the latest fetch; nil where nothing is known yet.
  var cachedOffsets: (low: Int64?, high: Int64?) { get }
}

extension PartitionReader: PartitionLog {
  public func read(
    maximumMessages: Int, into receive: (Int64, Span<UInt8>?, Int64?) -> Void
  ) -> [PartitionEvent] {
    poll(maximumMessages: maximumMessages, timeoutMilliseconds: 0) { message in
      let time = message.timestamp
      receive(message.offset, message.payload, time.type == .none ? nil : time.milliseconds)
    }
  }
}
