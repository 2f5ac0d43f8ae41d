/// A body that is made while it is sent. The client sets the pace: `read` is called when there is room for more.
///
/// All but `open`'s closure is called on the server's thread and must not block.
public protocol HTTPBodyStream: AnyObject, Sendable {
  /// Called once, first. After a `read` that had nothing, the stream calls `wake`, from any thread, when it has.
  func open(wake: @escaping @Sendable () -> Void)

  /// The next bytes.
  func read() -> HTTPBodyRead

  /// The server is about to stop: a stream that would go on forever ends; others may finish within the deadline.
  func stop()

  /// Called once, last: everything was sent, or the client is gone.
  func close()
}

public enum HTTPBodyRead: Sendable, Equatable {
  /// Not empty; of any size, but what is given is held in memory until it is sent.
  case bytes([UInt8])
  /// Nothing now; `wake` follows.
  case pending
  case end
  /// The body cannot be finished; the connection is closed in a way that the client notices.
  case failed
}
