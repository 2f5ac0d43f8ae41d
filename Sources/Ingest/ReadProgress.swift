internal import Synchronization

/// How much all lanes of a run have read, for people who wait.
public final class ReadProgress: Sendable {
  private let bytes = Atomic<Int64>(0)
  private let messages = Atomic<Int64>(0)

  public init() {}

  func add(bytes count: Int64, messages number: Int64) {
    bytes.wrappingAdd(count, ordering: .relaxed)
    messages.wrappingAdd(number, ordering: .relaxed)
  }

  public var total: (bytes: Int64, messages: Int64) {
    (bytes.load(ordering: .relaxed), messages.load(ordering: .relaxed))
  }
}
