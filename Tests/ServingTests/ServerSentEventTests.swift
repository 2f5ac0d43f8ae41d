import Telemetry
import Testing

@testable import Serving

@Suite struct ServerSentEventTests {
  @Test func anEventIsLinesAndAnEmptyLine() {
    var json = JSONWriter()
    json.object { $0.field("text", "two\nlines") }
    let event = ServerSentEvent(id: "2.7.1-3", name: "change", json: json)
    let text = String(decoding: event.bytes, as: UTF8.self)
    #expect(text == "event: change\nid: 2.7.1-3\ndata: {\"text\":\"two\\nlines\"}\n\n")
  }

  @Test func whatIsNoEventHasNoData() {
    #expect(String(decoding: ServerSentEvent.preamble, as: UTF8.self) == "retry: 2000\n\n")
    #expect(String(decoding: ServerSentEvent.heartbeat, as: UTF8.self) == ":\n\n")
  }
}
