internal import Telemetry

/// One event of a `text/event-stream`, as browsers' `EventSource` reads it (the HTML standard, server-sent events).
struct ServerSentEvent: Sendable, Equatable {
  /// How long a client waits before it comes back, and who still listens: both without being an event.
  static let retryMilliseconds = 2000
  static let preamble = Array("retry: \(retryMilliseconds)\n\n".utf8)
  static let heartbeat = Array(":\n\n".utf8)

  /// What a client names when it comes back, to get what came after.
  let id: String
  /// The whole event as it is sent.
  let bytes: [UInt8]

  /// - Parameter json: the data; the writer puts no line ends into it, so it is one line.
  init(id: String, name: String, json: JSONWriter) {
    self.id = id
    bytes = Array("event: \(name)\nid: \(id)\ndata: ".utf8) + json.bytes + Array("\n\n".utf8)
  }
}
