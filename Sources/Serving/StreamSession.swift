internal import Synchronization

/// One stream on its way to one client: puts the connection aside while the stream has nothing.
///
/// Invariant: `connection` is valid until `finish`, which the library's thread calls before it frees the connection,
/// and is put aside exactly while `isSuspended`. Both are only touched under the lock, so a `wake` from another
/// thread resumes a connection at most once and never one that is gone.
final class StreamSession: Interruptible {
  private struct State {
    var connection: LibraryConnection?
    var isSuspended = false
    /// Whether there was a `wake` since the last read.
    var isAwake = false
    var isInterrupted = false
  }

  private let stream: any HTTPBodyStream
  private let state: Mutex<State>
  /// What the stream gave and the client did not take yet.
  private let rest = Mutex<ArraySlice<UInt8>>([])
  private let sent = Atomic<Int>(0)
  private let failure = Atomic(false)

  init(_ stream: any HTTPBodyStream, connection: LibraryConnection) {
    self.stream = stream
    state = Mutex(State(connection: connection))
  }

  /// Bytes that were handed to the library.
  var sentByteCount: Int { sent.load(ordering: .relaxed) }

  /// Whether the stream could not go on.
  var hasFailed: Bool { failure.load(ordering: .relaxed) }

  func open() { stream.open { [weak self] in self?.wake() } }

  func stop() { stream.stop() }

  func interrupt() {
    state.withLock { $0.isInterrupted = true }
    wake()
  }

  /// The request is over; nothing may be done with the connection any more.
  func finish() {
    state.withLock { $0.connection = nil }
    stream.close()
  }

  /// Fills `buffer`; called by the library when the client takes more. Gives the number of bytes, 0 after it has put
  /// the connection aside, or one of the library's two ends.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    while true {
      if state.withLock({ $0.isInterrupted }) { return StreamSession.failed }
      let taken = unsafe takeRest(buffer)
      if taken > 0 { return taken }
      switch stream.read() {
      case .bytes(let bytes): rest.withLock { $0 = bytes[...] }
      case .end: return StreamSession.ended
      case .failed:
        failure.store(true, ordering: .relaxed)
        return StreamSession.failed
      case .pending: if suspend() { return 0 }
      }
    }
  }

  /// MHD_CONTENT_READER_END_OF_STREAM and MHD_CONTENT_READER_END_WITH_ERROR, which are casts that Swift does not
  /// import.
  static let ended = -1
  static let failed = -2

  private func takeRest(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    rest.withLock { rest in
      let piece = rest.prefix(buffer.count)
      unsafe buffer.copyBytes(from: piece)
      rest = rest.dropFirst(piece.count)
      sent.wrappingAdd(piece.count, ordering: .relaxed)
      return piece.count
    }
  }

  /// Puts the connection aside, unless the stream has woken up since it said that it has nothing.
  private func suspend() -> Bool {
    state.withLock { state in
      guard !state.isAwake, !state.isInterrupted, let connection = state.connection else {
        state.isAwake = false
        return false
      }
      connection.suspend()
      state.isSuspended = true
      return true
    }
  }

  private func wake() {
    state.withLock { state in
      guard state.isSuspended, let connection = state.connection else {
        state.isAwake = true
        return
      }
      state.isSuspended = false
      connection.resume()
    }
  }
}
