public import Columns
public import Windows

/// What a lane needs to know besides what it reads.
public struct LanePlan: Sendable {
  /// An event may be this long after its message's arrival and no more (SEMANTICS §1).
  public static let absurdSkewMilliseconds = 24 * EventTime.hour

  public let shape: MessageShape
  public let layout: EventLayout
  public let sessionMode: SessionMode
  public let outOfOrdernessMilliseconds: Int64
  /// An event this much later than its message's arrival does not move the watermark.
  public let maximumFutureSkewMilliseconds: Int64
  /// Most messages in a batch.
  public let maximumRecords: Int

  public init(
    shape: MessageShape, layout: EventLayout, sessionMode: SessionMode, outOfOrdernessMilliseconds: Int64,
    maximumFutureSkewMilliseconds: Int64 = 5 * EventTime.minute, maximumRecords: Int
  ) {
    self.shape = shape
    self.layout = layout
    self.sessionMode = sessionMode
    self.outOfOrdernessMilliseconds = outOfOrdernessMilliseconds
    self.maximumFutureSkewMilliseconds = maximumFutureSkewMilliseconds
    self.maximumRecords = maximumRecords
  }
}
