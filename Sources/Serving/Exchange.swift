internal import Telemetry

/// One request and its answer: what happened so far, and what has to happen next. Knows nothing of sockets.
///
/// Unchecked: the library's thread alone touches it.
final class Exchange: @unchecked Sendable {
  /// What the caller has to do.
  enum Action {
    /// Wait for more of the request.
    case proceed
    /// Send the answer.
    case answer(HTTPResponse)
    /// Put the connection aside, then start the work; go on with `resumed`.
    case suspend(@Sendable (HTTPPromise) -> Void)
    /// Close the connection without an answer.
    case abort
  }

  private enum Phase {
    case fresh
    case receiving(Router.Match)
    /// The answer that is sent once the request has arrived.
    case refused(HTTPResponse)
    case waiting(PendingAnswer)
    case answered
  }

  let target: String
  private(set) var startNanoseconds: UInt64 = 0
  /// The path of the route, for counting.
  private(set) var routePath = "none"
  /// Who asks; nil before that is known.
  private(set) var caller: Caller?
  /// What the route needs; nil where that is nothing, or there is no route.
  private(set) var scope: HTTPScope?
  /// The client's, as far as it is known.
  private(set) var address = ClientAddress.unknown
  /// Of the answer; nil before there is one.
  private(set) var status: Int?
  /// Bytes of a body that was sent at once.
  var sentByteCount = 0
  /// Whether the answer has a body that is sent.
  private(set) var sendsBody = true
  /// Whether the head has come and the answer is not yet sent.
  private(set) var isInFlight = false
  /// The body that is being streamed.
  var session: StreamSession?

  private let router: Router
  private let limits: HTTPLimits
  private let gatekeeper: Gatekeeper
  private let budget: BodyBudget
  private let log: Log
  private var head: RequestHead?
  private var phase = Phase.fresh
  private var bodyBytesMax = 0
  private var excessBytes = 0
  /// Bytes of the body that the budget knows of.
  private var heldBytes = 0

  init(
    target: String, router: Router, limits: HTTPLimits, gatekeeper: Gatekeeper = Gatekeeper(),
    budget: BodyBudget? = nil, log: Log
  ) {
    self.target = target
    self.router = router
    self.limits = limits
    self.budget = budget ?? BodyBudget(bytesMax: limits.bodyBytesInFlightMax)
    self.gatekeeper = gatekeeper
    self.log = log
  }

  deinit { budget.give(heldBytes) }

  var method: String { head?.method ?? "" }

  var isFresh: Bool { if case .fresh = phase { true } else { false } }

  var pending: PendingAnswer? { if case .waiting(let pending) = phase { pending } else { nil } }

  /// The head has arrived. A refusal is sent at once where more would follow that must not or need not be read.
  func headArrived(
    _ head: RequestHead, from peer: ClientAddress = .unknown, at nanoseconds: UInt64, isStopping: Bool
  ) -> Action {
    self.head = head
    address = gatekeeper.client(of: peer, head)
    startNanoseconds = nanoseconds
    isInFlight = true
    sendsBody = head.method != HTTPMethod.head.rawValue
    var hasBody = true
    do {
      let framing = try Framing(head, limits)
      hasBody = framing.hasBody
      if isStopping { throw HTTPFailure.unavailable("the server is stopping", retryAfterSeconds: 5) }
      let match = try admit(head, from: address)
      try match.request.query.check(against: match.route.parameters)
      bodyBytesMax = match.route.body.bytesMax
      if case .length(let length) = framing, length > bodyBytesMax {
        throw HTTPFailure.contentTooLarge(bytesMax: bodyBytesMax)
      }
      if framing.hasBody {
        guard bodyBytesMax > 0 else { throw HTTPFailure.contentTooLarge(bytesMax: 0) }
        try match.route.body.check(head.headers)
      }
      phase = .receiving(match)
      return .proceed
    } catch {
      return refuse(error, closes: hasBody || isStopping, now: hasBody)
    }
  }

  /// The route of a request that may be asked. A key that is not known, and a rate that is too high, are refused first.
  private func admit(_ head: RequestHead, from address: ClientAddress) throws(HTTPFailure) -> Router.Match {
    let found = Result { () throws(HTTPFailure) in try router.match(head) }
    if case .success(let match) = found {
      routePath = match.route.path
      scope = match.route.scope
    }
    let caller = try gatekeeper.identify(head, from: address, at: startNanoseconds)
    self.caller = caller
    let match = try found.get()
    try gatekeeper.authorize(caller, match.route.scope, head)
    return match
  }

  /// A piece of the body has arrived.
  func bodyArrived(_ bytes: UnsafeRawBufferPointer) -> Action {
    guard case .receiving(var match) = phase else {
      excessBytes += bytes.count
      return excessBytes > limits.excessBytesMax ? .abort : .proceed
    }
    guard match.request.body.count + bytes.count <= bodyBytesMax else {
      // An answer can only be sent when the body has ended, so a little more of it is read and thrown away.
      return refuse(HTTPFailure.contentTooLarge(bytesMax: bodyBytesMax), closes: true, now: false)
    }
    guard budget.take(bytes.count) else {
      let failure = HTTPFailure.unavailable("too many bodies arrive at once", retryAfterSeconds: 1)
      return refuse(failure, closes: true, now: false)
    }
    heldBytes += bytes.count
    // So that the array is not shared, and grows in place.
    phase = .answered
    unsafe match.request.body.append(contentsOf: bytes)
    phase = .receiving(match)
    return .proceed
  }

  /// The request has arrived as a whole, or goes on after it was put aside.
  func requestArrived() -> Action {
    switch phase {
    case .receiving(let match):
      do {
        switch try match.route.handler(match.request) {
        case .now(let response): return answer(response)
        case .later(let work): return .suspend(work)
        }
      } catch { return answer(problem(error)) }
    case .refused(let response): return answer(response)
    case .waiting(let pending):
      switch pending.result {
      case .success(let response)?: return answer(response)
      case .failure(let error)?: return answer(problem(error))
      case nil: return .abort
      }
    case .fresh, .answered: return .abort
    }
  }

  /// The connection was put aside until `pending` has a result.
  func suspended(_ pending: PendingAnswer) { phase = .waiting(pending) }

  /// The problem that an error is; what is not meant for clients goes to the log.
  func problem(_ error: any Error) -> HTTPResponse {
    let problem = HTTPProblem(error)
    if problem.status == 500 { log.error("request failed", ["target": .text(target), "error": .text("\(error)")]) }
    return problem.response(instance: target.split(separator: "?").first.map(String.init))
  }

  private func refuse(_ error: any Error, closes: Bool, now: Bool) -> Action {
    var response = problem(error)
    if closes { response.headers.setDefault("Connection", "close") }
    if now { return answer(response) }
    phase = .refused(response)
    return .proceed
  }

  private func answer(_ response: HTTPResponse) -> Action {
    phase = .answered
    var response = response
    status = response.status
    if let head { gatekeeper.addHeaders(to: &response, for: head) }
    return .answer(response)
  }
}
