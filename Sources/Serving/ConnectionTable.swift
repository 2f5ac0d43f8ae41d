internal import Dispatch
internal import Glibc
internal import Synchronization
internal import Telemetry

/// An open connection and the time by which its next request must have arrived.
final class Connection: Sendable {
  let descriptor: Int32
  let address: ClientAddress
  /// What the client was shown, for as long as it is connected.
  private let certificate: ServerCertificate?
  /// On the monotonic clock; `UInt64.max` while a request is being answered.
  private let deadlineNanoseconds: Atomic<UInt64>

  init(
    descriptor: Int32, address: ClientAddress, certificate: ServerCertificate? = nil, deadlineNanoseconds: UInt64
  ) {
    self.descriptor = descriptor
    self.address = address
    self.certificate = certificate
    self.deadlineNanoseconds = Atomic(deadlineNanoseconds)
  }

  func expectRequest(by nanoseconds: UInt64) { deadlineNanoseconds.store(nanoseconds, ordering: .relaxed) }

  func requestHasArrived() { deadlineNanoseconds.store(.max, ordering: .relaxed) }

  func isLate(at nanoseconds: UInt64) -> Bool { deadlineNanoseconds.load(ordering: .relaxed) < nanoseconds }
}

/// All open connections, so that those whose request trickles in for too long are closed.
///
/// The library's own time-out begins anew with each byte, so a client that sends one now and then would stay for ever.
final class ConnectionTable: Sendable {
  private let connections = Mutex<[ObjectIdentifier: Connection]>([:])

  func insert(_ connection: Connection) { connections.withLock { $0[ObjectIdentifier(connection)] = connection } }

  /// Called before the library closes the socket.
  func remove(_ connection: Connection) { connections.withLock { $0[ObjectIdentifier(connection)] = nil } }

  var count: Int { connections.withLock { $0.count } }

  /// Ends the connections that are late; the library notices and closes them. O(connections).
  func shutDownLate(at nanoseconds: UInt64) {
    // Under the lock the descriptors are still ours: `remove` comes before they are closed and used anew.
    connections.withLock { table in
      for connection in table.values where connection.isLate(at: nanoseconds) {
        shutdown(connection.descriptor, Int32(SHUT_RDWR))
      }
    }
  }
}

/// Looks for late connections now and then, from when it is made until it is cancelled.
///
/// Unchecked: Dispatch's sources may be used from any thread.
struct Sweeper: @unchecked Sendable {
  private let timer: any DispatchSourceTimer

  init(connections: ConnectionTable, intervalMilliseconds: Int) {
    timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "riffle.http.deadlines"))
    let interval = DispatchTimeInterval.milliseconds(intervalMilliseconds)
    timer.schedule(deadline: .now() + interval, repeating: interval)
    timer.setEventHandler { connections.shutDownLate(at: MonotonicClock.nowNanoseconds()) }
    timer.resume()
  }

  func cancel() { timer.cancel() }
}
