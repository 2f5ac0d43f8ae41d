internal import Commerce
internal import Dispatch
internal import HotIndex
internal import Synchronization
internal import Telemetry
internal import Windows

/// Sends `KpiChannel`s to whoever listens: the bytes of an event are made once and shared by all clients that asked for
/// the same, so that a thousand of them cost the engine what one does.
///
/// All work is done on one queue, at the channels' intervals. A client that falls behind is let go, comes back and
/// names its last event. A channel outlives its last client by a while, so that this client can come back too.
final class KpiStreams: Sendable {
  struct Parameters: Hashable, Sendable {
    let rollup: Rollup
    let intervalMilliseconds: Int64
  }

  struct Limits: Sendable {
    /// Clients; the server takes some connections more, so that ordinary questions are answered beside them.
    var listenersMax = 1000
    /// Channels, of which clients can ask for as many as there are intervals.
    var channelsMax = 32
    /// Bytes that wait for one client; shared with all others that are as slow.
    var waitingBytesMax = 2 << 20
    /// A client that has left is noticed when something is sent to it.
    var heartbeatMilliseconds: Int64 = 10_000
    var lingerMilliseconds: Int64 = 60_000
  }

  /// A channel, its clients, and when it last had something to send or somebody to send to.
  private struct Line {
    var channel: KpiChannel
    var listeners: [PushedBody] = []
    var sentNanoseconds: UInt64
    var heardNanoseconds: UInt64

    /// Sends what a new client needs to be where the others are.
    mutating func welcome(_ body: PushedBody, after lastID: String?) {
      body.push(ServerSentEvent.preamble)
      let missed = lastID.flatMap { channel.events(after: $0) } ?? channel.snapshot().map { [$0] } ?? []
      for event in missed { body.push(event.bytes) }
      listeners.append(body)
    }

    /// Sends to all who are still there.
    mutating func send(_ bytes: [UInt8], at nanoseconds: UInt64) {
      listeners.removeAll { !$0.push(bytes) }
      sentNanoseconds = nanoseconds
    }
  }

  private let view: any EngineView
  private let limits: Limits
  private let queue = DispatchQueue(label: "riffle.http.streams")
  /// Touched on the queue alone, but for counting.
  private let lines = Mutex<[Parameters: Line]>([:])
  private let listenerCount = Atomic(0)

  init(_ view: any EngineView, limits: Limits = Limits()) {
    self.view = view
    self.limits = limits
  }

  /// Clients that listen now.
  var count: Int { listenerCount.load(ordering: .relaxed) }

  /// A body that gets the events of a channel from now on, or those since the event `lastID`. Never blocks.
  func listen(_ parameters: Parameters, after lastID: String?) throws(HTTPFailure) -> PushedBody {
    guard listenerCount.wrappingAdd(1, ordering: .relaxed).newValue <= limits.listenersMax else {
      listenerCount.wrappingSubtract(1, ordering: .relaxed)
      throw .unavailable("\(limits.listenersMax) clients listen already; ask again later", retryAfterSeconds: 10)
    }
    let body = PushedBody(bytesMax: limits.waitingBytesMax) { [weak self] in
      self?.listenerCount.wrappingSubtract(1, ordering: .relaxed)
    }
    queue.async { self.join(body, parameters, after: lastID) }
    return body
  }

  private func join(_ body: PushedBody, _ parameters: Parameters, after lastID: String?) {
    let now = MonotonicClock.nowNanoseconds()
    lines.withLock { lines in
      if lines[parameters] == nil {
        guard lines.count < limits.channelsMax else { return body.end() }
        var channel = KpiChannel(parameters.rollup, view.job.settings)
        _ = channel.advance(view.status, view.hot)
        lines[parameters] = Line(channel: channel, sentNanoseconds: now, heardNanoseconds: now)
        scheduleTick(parameters, after: .now())
      }
      lines[parameters]?.welcome(body, after: lastID)
    }
  }

  private func scheduleTick(_ parameters: Parameters, after time: DispatchTime) {
    let next = max(time + .milliseconds(Int(parameters.intervalMilliseconds)), .now())
    queue.asyncAfter(deadline: next) { [weak self] in
      guard let self, tick(parameters) else { return }
      scheduleTick(parameters, after: next)
    }
  }

  /// Sends what is new; false once nobody has listened for a while and the channel is gone.
  private func tick(_ parameters: Parameters) -> Bool {
    let now = MonotonicClock.nowNanoseconds()
    return lines.withLock { lines in
      guard var line = lines.removeValue(forKey: parameters) else { return false }
      if let event = line.channel.advance(view.status, view.hot) {
        line.send(event.bytes, at: now)
      } else if now - line.sentNanoseconds >= UInt64(limits.heartbeatMilliseconds) * 1_000_000 {
        line.send(ServerSentEvent.heartbeat, at: now)
      }
      if !line.listeners.isEmpty { line.heardNanoseconds = now }
      guard now - line.heardNanoseconds < UInt64(limits.lingerMilliseconds) * 1_000_000 else { return false }
      lines[parameters] = line
      return true
    }
  }
}
