public import Commerce
internal import Dispatch
public import Telemetry

/// Events over HTTP: judged, stored in Kafka, and answered once they are there.
///
///     Router(EngineRoutes(engine, registry: registry).all + IntakeRoutes(job: job, publisher: producer).all)
///
/// What can be no event is stored as well, as it came: the engine makes it a dead letter when it reads it, so nothing
/// that was sent is lost, and every message of the topic is still accounted for.
public struct IntakeRoutes: Sendable {
  /// Events of one request.
  static let itemsMax = 10_000
  /// JSON as its own type, as browsers' beacons send it, and as curl does unless told otherwise.
  static let jsonTypes = ["application/json", "text/plain", "application/x-www-form-urlencoded"]
  static let lineTypes = ["application/x-ndjson", "application/ndjson", "application/jsonl"]

  private let queue: IntakeQueue
  private let trackBytesMax: Int
  private let collectBytesMax: Int

  /// - Parameters:
  ///   - registry: counts events; it takes one of these.
  ///   - collectBytesMax: bytes of one request with many events.
  ///   - nowMilliseconds: the wall clock.
  public init(
    job: Job, publisher: any EventPublisher, registry: MetricRegistry = MetricRegistry(),
    collectBytesMax: Int = 8 << 20,
    nowMilliseconds: @escaping @Sendable () -> Int64 = { WallClock.nowMilliseconds() }
  ) {
    queue = IntakeQueue(job, publisher, registry, nowMilliseconds)
    trackBytesMax = job.settings.maximumMessageBytes
    self.collectBytesMax = collectBytesMax
  }

  public var all: [Route] { [track, collect] }

  private var track: Route {
    Route(
      .post, "/track", "Takes one event in JSON; answers with its id once Kafka has it.",
      body: .upTo(bytesMax: trackBytesMax, types: IntakeRoutes.jsonTypes), scope: .ingest
    ) { [queue] request in
      .later { promise in
        queue.store(request.body, IntakeRoutes.one, promise) { try IntakeAnswer.one($0) }
      }
    }.answering(
      .json("Kafka has it.", .trackAnswer, status: 202),
      .problem(503, "Kafka did not take it: send it again with the event_id of this answer."),
      taking: RouteBody(.event, example: JSONSchema.eventExample, types: ["application/json"]))
  }

  private var collect: Route {
    Route(
      .post, "/collect", "Takes events as a JSON array or a line each; answers what became of each.",
      body: .upTo(bytesMax: collectBytesMax, types: IntakeRoutes.jsonTypes + IntakeRoutes.lineTypes), scope: .ingest
    ) { [queue] request in
      let type = request.headers["Content-Type"]?.prefix { $0 != ";" && $0 != " " }.lowercased() ?? ""
      let isLines = IntakeRoutes.lineTypes.contains(type)
      return .later { promise in
        queue.store(request.body, { try IntakeRoutes.many($0, isLines) }, promise) { try IntakeAnswer.many($0) }
      }
    }.answering(
      .json("All are stored.", .collectAnswer), .json("Some are not events.", .collectAnswer, status: 207),
      .problem(503, "Kafka took none: send them again with the ids of this answer."),
      taking: RouteBody(.events, example: "[\(JSONSchema.eventExample)]", types: ["application/json"]))
  }

  private static func one(_ body: [UInt8]) throws -> [Range<Int>] {
    let item = try IntakeBody.whole(of: body)
    guard body[item.lowerBound] != UInt8(ascii: "[") else {
      throw HTTPFailure.badBody("it must be one event; lists go to /collect")
    }
    return [item]
  }

  private static func many(_ body: [UInt8], _ isLines: Bool) throws -> [Range<Int>] {
    let items = try IntakeBody.items(of: body, isLines: isLines)
    guard items.count <= itemsMax else {
      throw HTTPFailure.badBody("it has \(items.count) events; send at most \(itemsMax) at a time")
    }
    return items
  }
}
