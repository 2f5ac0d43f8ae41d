import Columns
import Commerce
import Dispatch
import Foundation
import HotIndex
import Landing
import Serving
import Synchronization
import Telemetry
import TestSupport
import Testing
import Windows

/// An engine whose state is what a test says.
final class FakeEngine: EngineView {
  /// 2023-11-16T12:00:00Z.
  static let noon: Int64 = 1_700_136_000_000
  static let minute: Int64 = 60_000

  let job: Job
  let directory: String
  let index: HotIndex
  let checkpointStalls = Histogram(bounds: [0.01, 0.02])
  let checkpointDurations = Histogram(bounds: [0.1, 1])
  private let currentLoad = Mutex(EngineLoad())
  private let current: Mutex<EngineStatus>
  private let open: Mutex<[(key: String, times: [Int64])]>
  private let came = Mutex<Present?>(nil)
  private let queue = DispatchQueue(label: "test.engine")

  init(_ settings: JobSettings = JobSettings(), directory: String = "/nowhere") throws {
    job = try Job(settings)
    self.directory = directory
    index = HotIndex(
      rollups: settings.rollups.map(\.name), allowedLatenessMilliseconds: settings.allowedLatenessMilliseconds,
      retentionMilliseconds: .max / 4)
    current = Mutex(
      EngineStatus(
        partitions: [], commitEpoch: 7, incarnation: 2, committedMilliseconds: FakeEngine.noon,
        commitDurationMilliseconds: 250, isReplaying: false, problems: [], startedMilliseconds: FakeEngine.noon))
    open = Mutex([])
  }

  var status: EngineStatus { current.withLock { $0 } }
  var hot: HotSnapshot { index.snapshot }

  /// What has come, committed or not.
  var messages: Present? {
    get { came.withLock { $0 } }
    set { came.withLock { $0 = newValue } }
  }

  var load: EngineLoad { currentLoad.withLock { $0 } }

  func change(_ body: (inout EngineStatus) -> Void) { current.withLock { body(&$0) } }
  func changeLoad(_ body: (inout EngineLoad) -> Void) { currentLoad.withLock { body(&$0) } }

  /// Adds a partition that has read ten messages: seven events, a duplicate, two dead letters.
  func addPartition(_ number: Int, state: String = "active", offset: Int64 = 10, end: Int64? = 15, received: Int64 = 10)
  {
    var partition = PartitionStatus(
      topic: "events", partition: number, state: state, offset: offset, endOffset: end, watermark: FakeEngine.noon)
    partition.received = received
    partition.accepted = 7
    partition.duplicates = 1
    partition.deadLetters = 2
    partition.reasons = ["bad_time": 2]
    change { $0.partitions.append(partition) }
  }

  func present(_ answer: @escaping @Sendable (Present?) -> Void) { queue.async { answer(self.messages) } }

  func openSession(_ key: String, at times: [Int64]) { open.withLock { $0.append((key, times)) } }

  func openSessions(of key: [UInt8], _ answer: @escaping @Sendable (OpenSessionRows) -> Void) {
    let wanted = open.withLock { $0.filter { Array($0.key.utf8) == key } }
    queue.async { answer(self.rows(wanted, limit: .max)) }
  }

  func openSessions(activeAfter time: Int64, limit: Int, _ answer: @escaping @Sendable (OpenSessionRows) -> Void) {
    let wanted = open.withLock { $0.filter { ($0.times.last ?? 0) > time } }
    queue.async { answer(self.rows(wanted, limit: limit)) }
  }

  private func rows(_ sessions: [(key: String, times: [Int64])], limit: Int) -> OpenSessionRows {
    let table = job.keyed.sessionTable
    var builder = BatchBuilder(table.schema)
    for session in sessions.sorted(by: { ($0.times.last ?? 0) > ($1.times.last ?? 0) }).prefix(limit) {
      let events = session.times.enumerated().map {
        SessionEvent(time: $0.element, source: 0, offset: Int64($0.offset), type: 0)
      }
      table.append(key: Array(session.key.utf8), events: events[...], texts: SessionTexts(), to: &builder)
    }
    return OpenSessionRows(count: sessions.count, rows: builder.build())
  }

  // MARK: - Windows

  /// A minute's window, so many after noon, with the numbers of the documented sample.
  static func sample(
    minute number: Int64 = 0, group: [String?] = [], sums: [String: Int128] = ["EUR": 91_234_000],
    isApproximate: Bool = false, updated: Int64? = noon + minute + 2145
  ) -> HotWindow {
    HotWindow(
      window: noon + number * minute..<noon + (number + 1) * minute, group: group.map { $0.map { Array($0.utf8) } },
      eventCount: 11_000, counts: [9450, 0, 0, 1240, 0, 310, 0], distincts: [1820, 1654, 310],
      amounts: [
        sums.sorted { $0.key < $1.key }.map { HotAmount(currency: Array($0.key.utf8), amount: $0.value) }, [],
      ],
      isApproximate: isApproximate, status: .open, corrections: 3, deltas: 0, updatedMilliseconds: updated)
  }

  /// A window with page views of one session only.
  static func views(_ count: Int64, minute number: Int64, group: [String?] = []) -> HotWindow {
    HotWindow(
      window: noon + number * minute..<noon + (number + 1) * minute, group: group.map { $0.map { Array($0.utf8) } },
      eventCount: count, counts: [count, 0, 0, 0, 0, 0, 0], distincts: [count == 0 ? 0 : 1, 1, 0], amounts: [[], []],
      isApproximate: false, status: .open, corrections: 0, deltas: 0, updatedMilliseconds: noon)
  }

  func publish(_ windows: HotWindow..., rollup: String = "kpi_1m", watermark: Int64? = nil, newest: Int64? = nil) {
    index.publish(windows.map { (rollup, $0) }, watermark: watermark, newestEventTime: newest)
  }
}

/// A server with the routes of an engine whose wall clock stands at an hour after noon.
struct EngineServer {
  let engine: FakeEngine
  let server: TestServer
  let routes: [Route]

  init(_ engine: FakeEngine, chartScript: ChartScript? = nil, momentMilliseconds: Int = 0) throws {
    self.engine = engine
    let registry = MetricRegistry()
    routes =
      EngineRoutes(
        engine, registry: registry, chartScript: chartScript, momentMilliseconds: momentMilliseconds,
        nowMilliseconds: { FakeEngine.noon + 3_600_000 }
      ).all.documented
    server = try TestServer(routes, registry: registry)
  }

  func get(_ target: String) throws -> Answer { try server.get(target) }

  /// Sends a JSON body.
  func post(_ target: String, _ body: String) throws -> Answer {
    let head = "POST \(target) HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
    return try server.ask("\(head)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
  }

  /// The object that is answered with status 200.
  func json(_ target: String, status: Int = 200) throws -> JSON {
    let answer = try get(target)
    #expect(answer.status == status, "\(target): \(answer.text)")
    return try JSON(answer.body)
  }

  /// What a refusal says, which has status 400 and is a problem.
  func refusal(_ target: String, status: Int = 400) throws -> String {
    let answer = try get(target)
    #expect(answer.status == status, "\(target): \(answer.text)")
    #expect(answer["content-type"] == "application/problem+json")
    return try JSON(answer.body)["detail"].text ?? ""
  }
}

/// A parsed JSON text, to be looked into: what is not there is null.
struct JSON {
  let value: Any?

  init(_ bytes: [UInt8]) throws { value = try JSONSerialization.jsonObject(with: Data(bytes), options: []) }

  private init(value: Any?) { self.value = value }

  subscript(_ name: String) -> JSON { JSON(value: (value as? [String: Any])?[name]) }
  subscript(_ index: Int) -> JSON {
    let array = value as? [Any] ?? []
    return JSON(value: array.indices.contains(index) ? array[index] : nil)
  }

  var array: [JSON] { (value as? [Any] ?? []).map { JSON(value: $0) } }
  var names: Set<String> { Set((value as? [String: Any] ?? [:]).keys) }
  var text: String? { value as? String }
  var integer: Int64? { (value as? NSNumber)?.int64Value }
  var number: Double? { (value as? NSNumber)?.doubleValue }
  var flag: Bool? { value as? Bool }
  var isNull: Bool { value is NSNull }
  var isMissing: Bool { value == nil }
}
