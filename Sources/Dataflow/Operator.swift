/// A synchronous state machine of the graph: messages in, messages out.
///
/// An operator has no clock, no thread and (but for sinks) no file: time arrives as a watermark, so the same operator
/// runs on Dispatch in production and in the seeded simulation under test. Its stage calls it from one queue at a time
/// and has made sure that every outlet has room before it does. The verbs are those of Arroyo's operators.
public protocol Operator: AnyObject {
  associatedtype Input: Sendable

  /// Takes one message that arrived on `edge`.
  func process(_ input: Input, from edge: Int) throws
  /// Event time has moved: nothing on time is expected before `watermark` any more. Strictly increasing between calls.
  func advance(to watermark: Int64) throws
  /// Every edge has delivered barrier `epoch`: the state is that of a consistent cut through the whole graph.
  func snapshot(at epoch: UInt64) throws
  /// Every edge has ended; called once, last.
  func finish() throws
}

/// Where messages enter the graph: one partition of a log.
public protocol Source: AnyObject {
  /// Whether the source must wait (alignment with slower partitions); it wakes its vertex when that changes.
  var isPaused: Bool { get }
  /// Reads one batch, if there is any, and sends it on. Outlets have room for it.
  func poll() throws -> SourceProgress
  /// Records the position: what was sent before is before barrier `epoch`, what comes later is behind it.
  func snapshot(at epoch: UInt64) throws
  /// Called once after `poll` returned `.ended`.
  func finish() throws
}

/// What a poll did.
public enum SourceProgress: Sendable {
  case advanced
  /// There is nothing now: the source is not asked again before the graph's next tick.
  case waiting
  case ended
}
