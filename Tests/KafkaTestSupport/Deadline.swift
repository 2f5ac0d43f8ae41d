internal import Dispatch

/// A moment at which a test gives up waiting.
public struct Deadline: Sendable {
  private let end: DispatchTime

  public init(seconds: Double) { end = .now() + seconds }

  public var hasPassed: Bool { DispatchTime.now() >= end }

  /// Asks `condition` every few milliseconds until it holds; false if it never did in time.
  public static func wait(
    seconds: Double = 20, everyMilliseconds interval: Int = 10, until condition: () throws -> Bool
  ) rethrows -> Bool {
    let deadline = Deadline(seconds: seconds)
    let tick = DispatchSemaphore(value: 0)
    while true {
      if try condition() { return true }
      if deadline.hasPassed { return false }
      _ = tick.wait(timeout: .now() + .milliseconds(interval))
    }
  }
}
