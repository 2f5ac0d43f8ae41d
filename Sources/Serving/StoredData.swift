internal import Checkpoints
internal import Commerce
internal import Dispatch
internal import Landing
internal import Query

/// The newest commit of a running engine, for questions that memory alone cannot answer. Blocks: never on the server's
/// thread.
struct StoredData: Sendable {
  /// Sweeps that may be faster than us before we give up.
  private static let attempts = 3

  let directory: String
  let job: Job
  /// What questions read again and again.
  let openSegments = OpenSegments()
  /// One read at a time, so that the memory of reads is bounded.
  let queue = DispatchQueue(label: "riffle.http.stored")

  init(_ view: any EngineView) {
    directory = view.directory
    job = view.job
  }

  /// What `body` makes of the newest commit.
  func read<Value>(_ body: (Snapshot) throws -> Value) throws -> Value {
    guard let value = try readIfCommitted(body) else {
      throw HTTPFailure.unavailable("nothing is committed yet; ask again after the first commit", retryAfterSeconds: 5)
    }
    return value
  }

  /// The same; nil before the first commit.
  func readIfCommitted<Value>(_ body: (Snapshot) throws -> Value) throws -> Value? {
    for attempt in 1... {
      guard let snapshot = try newest() else { return nil }
      do {
        return try body(snapshot)
      } catch {
        // Files that the next commit does not name may go while we read.
        guard attempt < StoredData.attempts, let next = try newest(), next.commit.epoch != snapshot.commit.epoch else {
          throw error
        }
      }
    }
    return nil
  }

  /// What `body` makes of `present`.
  func read<Value>(_ present: Present, _ body: (Snapshot) throws -> Value) throws -> Value {
    try body(Snapshot(directory: directory, present: present, openSegments: openSegments))
  }

  /// Nil where there is no commit yet; what is damaged throws.
  private func newest() throws -> Snapshot? {
    do {
      return try Snapshot(directory: directory, openSegments: openSegments)
    } catch is DataDirectoryError {
      return nil
    }
  }
}
