import Checkpoints
import ColdStore
import Columns
import Commerce
import CommerceTestSupport
import Foundation
import Landing
import PlainReference
import Query
import Shoppers
import Synchronization
import TestSupport
import Testing
import Windows

/// Funnels over what the engine stored, against the definition.
@Suite struct FunnelReportTests {
  /// The first moment of the crafted traffic.
  private static let start: Int64 = 1_700_000_000_000

  /// A message of `user` so many seconds behind the start.
  private static func line(_ user: String, _ type: String, _ second: Double, country: String? = nil) -> [UInt8] {
    let identifier = "\(user)-\(type)-\(second)"
    let geo = country.map { #","geo":{"country":"\#($0)"}"# } ?? ""
    return Array(
      (#"{"event_id":"\#(identifier)","event_type":"\#(type)","event_ts":\#(start + Int64(second * 1000)),"#
        + #""user_id":"\#(user)","session_id":"s-\#(identifier)"\#(geo)}"#).utf8)
  }

  /// The golden vector T6: view 0, cart 5, view 8, buy 12, cart 14, buy 17, in seconds.
  private static let golden = [
    ("page_view", 0.0), ("add_to_cart", 5), ("page_view", 8), ("purchase", 12), ("add_to_cart", 14), ("purchase", 17),
  ].map { line("u", $0.0, $0.1) }

  /// What a run left; the files go with it.
  private struct Stored {
    let place: TemporaryDirectory
    let job: Job
    let snapshot: Snapshot
  }

  /// Runs the engine over `files` of one line an event.
  private func run(
    _ files: [(name: String, lines: [[UInt8]])], _ change: (inout JobSettings) -> Void = { _ in }
  ) throws -> Stored {
    var settings = JobSettings()
    settings.keyGroupCount = 1
    change(&settings)
    let place = TemporaryDirectory()
    let run = try EngineRun(settings, in: "\(place.path)/data")
    let paths = try files.map { name, lines in
      let path = "\(place.path)/\(name)"
      try Data(lines.joined(separator: [10]) + [10]).write(to: URL(fileURLWithPath: path))
      return path
    }
    #expect(try run.simulate(paths, seed: 1, checkpointOdds: 100))
    return Stored(place: place, job: run.job, snapshot: try Snapshot(directory: run.directory))
  }

  private func report(_ stored: Stored, _ change: (inout FunnelRequest) -> Void = { _ in }) throws -> FunnelReport {
    var request = FunnelRequest(stored.job.settings)
    change(&request)
    return try FunnelReport(stored.snapshot, job: stored.job, request)
  }

  /// Users at each step.
  private func users(_ report: FunnelReport) -> [Int] {
    report.request.steps.indices.map { report.groups[0].outcome.counts.users(at: $0) }
  }

  // MARK: - Crafted

  /// However late, out of order or often the events come.
  @Test(arguments: [(12, 3, 12), (11, 3, 9), (8, 2, nil), (5, 2, nil)] as [(Int64, Int, Int64?)])
  func goldenLevels(window: Int64, level: Int, time: Int64?) throws {
    let files = [
      ("b", Array(Self.golden.reversed())), ("a", [Self.line("other", "click", 3600)] + Self.golden.dropFirst(2)),
    ]
    let data = try run(files) {
      $0.allowedLatenessMilliseconds = 0
      $0.outOfOrdernessMilliseconds = 0
    }
    let report = try report(data) { $0.windowMilliseconds = window * 1000 }
    #expect(users(report) == (0..<3).map { $0 < level ? 1 : 0 })
    let times = report.groups[0].outcome.timesToConvertMilliseconds(percentiles: [50, 95])
    #expect(times == [time.map { $0 * 1000 }, time.map { $0 * 1000 }])
  }

  @Test func pendingTurnsIntoDroppedBehindTheWindow() throws {
    for (second, pending) in [(60.0, 1), (60.001, 0)] {
      let lines = [Self.line("u", "page_view", 0), Self.line("u", "add_to_cart", 1), Self.line("v", "click", second)]
      let data = try run([("a", lines)]) { $0.outOfOrdernessMilliseconds = 0 }
      let report = try report(data) { $0.windowMilliseconds = 60_000 }
      #expect(report.watermark == Self.start + Int64(second * 1000) && report.asOf == report.watermark)
      let counts = report.groups[0].outcome.counts
      #expect(counts.converted == [1, 0, 0])
      #expect(counts.pending == [0, pending, 0] && counts.dropped == [0, 1 - pending, 0])
    }
  }

  @Test func chainsBeginInsideTheRangeAndEndBehindIt() throws {
    let data = try run([("a", Self.golden)])
    func users(from: Int64, to: Int64) throws -> [Int] {
      try self.users(
        report(data) {
          $0.from = Self.start + from * 1000
          $0.to = Self.start + to * 1000
        })
    }
    #expect(try users(from: 0, to: 1) == [1, 1, 1])
    #expect(try users(from: 8, to: 9) == [1, 1, 1])
    #expect(try users(from: 9, to: 30) == [0, 0, 0])
    #expect(try users(from: 1, to: 8) == [0, 0, 0])
    // A day that ends with the newest event; a beginning behind that is no mistake, but nobody is there.
    #expect(try report(data).entries == Self.start + 17_001 - EventTime.day..<Self.start + 17_001)
    #expect(try self.users(report(data) { $0.from = Self.start + EventTime.day }) == [0, 0, 0])
  }

  /// Of equal times the one of the topic that is first by name comes first, whichever was read first.
  @Test func equalTimesAreOrderedByTopic() throws {
    for (first, second, users) in [("page_view", "add_to_cart", [1, 1, 0]), ("add_to_cart", "page_view", [1, 0, 0])] {
      let files = [("a", [Self.line("u", first, 1)]), ("b", [Self.line("u", second, 1)])]
      for files in [files, files.reversed()] {
        #expect(try self.users(report(run(files))) == users)
      }
    }
  }

  @Test func theFirstStepDecidesTheGroup() throws {
    let lines = [
      Self.line("u", "page_view", 0, country: "DE"), Self.line("u", "add_to_cart", 1, country: "FR"),
      Self.line("v", "page_view", 2), Self.line("w", "page_view", 3, country: "AT"),
      Self.line("w", "page_view", 4, country: "DE"), Self.line("w", "add_to_cart", 5, country: "AT"),
    ]
    let data = try run([("a", lines)])
    let report = try report(data) {
      $0.groupBy = "geo_country"
      $0.steps = ["page_view", "add_to_cart"]
    }
    #expect(
      String(decoding: report.printed(.csv), as: UTF8.self) == """
        geo_country,step,name,users,converted,dropped,pending,step_rate,overall_rate,\
        time_to_convert_ms_p50,time_to_convert_ms_p95
        ,1,page_view,1,0,0,1,0,1,,
        ,2,add_to_cart,0,0,0,0,,0,,
        DE,1,page_view,2,2,0,0,1,1,,
        DE,2,add_to_cart,2,2,0,0,,1,1000,1000

        """)
  }

  @Test func everyFormatSaysTheSame() throws {
    let data = try run([("a", Self.golden)])
    let report = try report(data) { $0.steps = ["page_view", "purchase"] }
    func text(_ format: FunnelReport.Format) -> String { String(decoding: report.printed(format), as: UTF8.self) }
    let rows = text(.ndjson).split(separator: "\n")
    #expect(rows.count == 2)
    #expect(
      rows[1] == """
        {"step":2,"name":"purchase","users":1,"converted":1,"dropped":0,"pending":0,"step_rate":null,\
        "overall_rate":1,"time_to_convert_ms_p50":4000,"time_to_convert_ms_p95":4000}
        """)
    #expect(
      text(.json) == """
        {"as_of":"2023-11-14T22:13:37Z","watermark":"2023-11-14T22:13:32Z","from":"2023-11-13T22:13:37.001Z",\
        "to":"2023-11-14T22:13:37.001Z","window_ms":86400000,"unit":"user","group_by":null,\
        "steps":[\(rows[0]),\(rows[1])]}

        """)
    let lines = text(.text).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[2] == "as of       2023-11-14T22:13:37Z, watermark 2023-11-14T22:13:32Z")
    #expect(lines[5].hasPrefix("   1  page_view      1          1        0        0          1             1"))
  }

  @Test func deletedEventsDoNotCount() throws {
    let data = try run([("a", Self.golden + [Self.line("late", "page_view", 99)])])
    let log = CommitLog(directory: data.snapshot.directory, fileSystem: LocalFileSystem())
    var commit = data.snapshot.commit
    let index = try #require(commit.tables.firstIndex { $0.name == TableNames.events })
    let segment = try #require(commit.tables[index].segments.first)
    #expect(commit.tables[index].segments.count == 1 && segment.rowCount == 7)
    // Both purchases, and the newest event.
    commit.tables[index].deletions[segment.path] = DeletionVector([3, 5, 6])
    commit.epoch += 1
    try log.write(commit, states: [:])
    let after = try Snapshot(directory: data.snapshot.directory)
    #expect(try users(report(data)) == [2, 1, 1])
    #expect(try users(report(Stored(place: data.place, job: data.job, snapshot: after))) == [1, 1, 0])
    #expect(try data.snapshot.asOf() == Self.start + 99_000 && after.asOf() == Self.start + 94_000)
  }

  @Test func whatThereIsNotIsRefused() throws {
    let data = try run([("a", Self.golden)])
    let mistakes: [(String, (inout FunnelRequest) -> Void)] = [
      ("a funnel has at least two steps", { $0.steps = ["purchase"] }),
      ("no event type 'buy' is configured; there are page_view, click", { $0.steps = ["page_view", "buy"] }),
      ("no column 'land' to group by; there are event_id", { $0.groupBy = "land" }),
      ("a funnel's window cannot be negative", { $0.windowMilliseconds = -1 }),
      ("no time lies from 1970-01-01T00:00:00.005Z to 1970-01-01T00:00:00.005Z", { ($0.from, $0.to) = (5, 5) }),
    ]
    for (message, change) in mistakes {
      do {
        _ = try report(data, change)
        Issue.record("was accepted: \(message)")
      } catch let error as FunnelRequestError {
        #expect(error.description.hasPrefix(message))
      }
    }
    let extremes: [(Int64?, Int64?)] = [(.min, .max), (nil, .min), (.max, nil)]
    for (from, to) in extremes {
      let report = try report(data) { ($0.from, $0.to, $0.windowMilliseconds) = (from, to, .max) }
      #expect(users(report)[0] == (from == .min ? 1 : 0))
    }
  }

  // MARK: - Random

  /// At every commit of random traffic, with late and doubled events, any funnel is that of the definition.
  @Test(arguments: 701...712 as ClosedRange<UInt64>)
  func everyCommitEqualsTheDefinition(seed: UInt64) throws {
    var scenario = Scenario(seed: seed, count: 1_000)
    scenario.traffic.users = scenario.choose([5, 40])
    scenario.traffic.lateRate = 0.1
    let place = TemporaryDirectory()
    let lines = try scenario.lines()
    // Read in another order than that of the names.
    let paths = Array(try place.write(lines).reversed())
    let messages = plainEvents(lines.reversed(), maximumBytes: scenario.settings.maximumMessageBytes)
    var run = try EngineRun(scenario.settings, in: "\(place.path)/data")
    let observer = run
    let world = scenario
    let comment = Comment(rawValue: "\(scenario)")
    let commits = Mutex(0)
    run.onCommit = { commit in
      commits.withLock { $0 += 1 }
      do {
        let snapshot = try Snapshot(directory: observer.directory)
        let events = try storedEvents(snapshot).map { try #require(messages[$0], comment) }
        for trial in 0..<6 as Range<UInt64> {
          try FunnelTrial(world, seed << 16 | commit.epoch << 8 | trial).check(snapshot, observer.job, events, comment)
        }
      } catch {
        Issue.record("\(error): \(comment)")
      }
    }
    #expect(try run.simulate(paths, seed: seed, checkpointOdds: 300))
    #expect(commits.withLock { $0 } >= 1, comment)
  }

  private func plainEvents(_ partitions: [[[UInt8]]], maximumBytes: Int) -> [PlainPosition: PlainEvent] {
    var events: [PlainPosition: PlainEvent] = [:]
    for (partition, lines) in partitions.enumerated() {
      for (offset, line) in lines.enumerated() {
        let event = try? PlainEvent(line, partition: partition, offset: offset, maximumBytes: maximumBytes)
        if let event { events[event.position] = event }
      }
    }
    return events
  }

  /// Where the stored events came from.
  private func storedEvents(_ snapshot: Snapshot) throws -> [PlainPosition] {
    var positions: [PlainPosition] = []
    try snapshot.table(TableNames.events).forEachPiece(columns: ["source", "offset"]) { piece in
      for row in piece.rows.map(Int.init) {
        let (source, offset) = (piece.batch.integers(0).values[row], piece.batch.integers(1).values[row])
        positions.append(PlainPosition(partition: Int(source), offset: Int(offset)))
      }
    }
    return positions
  }
}
