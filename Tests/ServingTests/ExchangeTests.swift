import Telemetry
import Testing

@testable import Serving

/// The decisions about one request, without a socket.
@Suite struct ExchangeTests {
  private func exchange(_ target: String, excessBytesMax: Int = 100) -> Exchange {
    var limits = HTTPLimits()
    limits.excessBytesMax = excessBytesMax
    return Exchange(target: target, router: Router(TestServer.routes), limits: limits, log: Log(write: { _ in }))
  }

  private func head(_ method: String, _ target: String, _ headers: HTTPHeaders = [:]) -> RequestHead {
    var all: HTTPHeaders = ["Host": "test"]
    for field in headers.fields { all.append(field.name, field.value) }
    let byteCount = all.fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
    return RequestHead(
      method: method, target: target, version: "HTTP/1.1", headers: all, fieldByteCount: byteCount, byteCount: 0)
  }

  private func arrive(_ exchange: Exchange, _ method: String, _ headers: HTTPHeaders = [:], isStopping: Bool = false)
    -> Exchange.Action
  {
    exchange.headArrived(head(method, exchange.target, headers), at: 1, isStopping: isStopping)
  }

  private func body(_ exchange: Exchange, _ count: Int) -> Exchange.Action {
    unsafe Array(repeating: UInt8(0x61), count: count).withUnsafeBytes { unsafe exchange.bodyArrived($0) }
  }

  private func status(_ action: Exchange.Action) -> Int? {
    if case .answer(let response) = action { response.status } else { nil }
  }

  private func isProceed(_ action: Exchange.Action) -> Bool { if case .proceed = action { true } else { false } }

  private func isAbort(_ action: Exchange.Action) -> Bool { if case .abort = action { true } else { false } }

  @Test func aGetIsAnsweredWhenItHasArrived() {
    let exchange = exchange("/hello")
    #expect(exchange.isFresh)
    #expect(isProceed(arrive(exchange, "GET")))
    #expect(exchange.isInFlight)
    #expect(exchange.routePath == "/hello")
    #expect(status(exchange.requestArrived()) == 200)
    #expect(isAbort(exchange.requestArrived()), "there is one answer")
  }

  @Test func aRefusalWaitsWhereNothingElseComes() {
    let exchange = exchange("/nothing")
    #expect(isProceed(arrive(exchange, "GET")))
    #expect(status(exchange.requestArrived()) == 404)
  }

  @Test func aRefusalIsSentAtOnceWhereABodyWouldCome() {
    #expect(status(arrive(exchange("/nothing"), "POST", ["Content-Length": "5"])) == 404)
    #expect(status(arrive(exchange("/hello"), "POST", ["Content-Length": "5"])) == 405)
    #expect(status(arrive(exchange("/track"), "POST", ["Content-Length": "1001"])) == 413)
    #expect(status(arrive(exchange("/track"), "POST", ["Transfer-Encoding": "gzip"])) == 501)
  }

  @Test func aChunkedBodyIsReadOnForALittleThenCutOff() {
    let exchange = exchange("/track")
    #expect(isProceed(arrive(exchange, "POST", ["Transfer-Encoding": "chunked"])))
    #expect(isProceed(body(exchange, 1000)))
    #expect(isProceed(body(exchange, 1)), "too long: refused at the end")
    #expect(isProceed(body(exchange, 100)))
    #expect(isAbort(body(exchange, 1)))
  }

  @Test func aChunkedBodyThatEndsIsToldWhy() {
    let exchange = exchange("/track")
    _ = arrive(exchange, "POST", ["Transfer-Encoding": "chunked"])
    _ = body(exchange, 1001)
    #expect(status(exchange.requestArrived()) == 413)
  }

  @Test func aStoppingServerRefuses() {
    let exchange = exchange("/hello")
    #expect(isProceed(arrive(exchange, "GET", isStopping: true)))
    guard case .answer(let response) = exchange.requestArrived() else {
      Issue.record("a refusal is an answer")
      return
    }
    #expect(response.status == 503)
    #expect(response.headers["Connection"] == "close")
  }

  @Test func aRequestThatWasPutAsideGoesOnWithItsResult() {
    let exchange = exchange("/later")
    _ = arrive(exchange, "GET")
    guard case .suspend = exchange.requestArrived() else {
      Issue.record("the route answers later")
      return
    }
    let resumed = Box(0)
    let pending = PendingAnswer { resumed.add(1) }
    exchange.suspended(pending)
    pending.resolve(.success(.text("first")))
    pending.interrupt()
    #expect(resumed.value == 1)
    #expect(status(exchange.requestArrived()) == 200)
  }
}
