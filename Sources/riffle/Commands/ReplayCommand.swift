import Ingest
import Telemetry

/// `riffle replay`: files into a topic.
enum ReplayCommand {
  private static let messagesPerLook = 256

  static func run(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    let signal = StopSignal()
    try Terminal.result(replay(arguments, settings, signal.wish) + "\n")
    return .success
  }

  /// Sends the files and returns what was sent, as JSON on one line.
  static func replay(_ arguments: ParsedArguments, _ settings: Settings, _ stop: StopWish) throws(CommandError)
    -> String
  {
    let pace = try pace(arguments)
    return try EngineCall.run {
      let files = try open(arguments, settings)
      let place = KafkaPlace(settings)
      let isPartitionPerFile = arguments.has("partition-per-file")
      let wanted = isPartitionPerFile ? files.count : Int(arguments.integer("partitions") ?? 4)
      let partitions = try place.ensureTopic(partitionCount: wanted)
      guard !isPartitionPerFile || partitions >= files.count else {
        throw CommandError.usage(
          "replay: \(place.topic) has \(KafkaPlace.partitions(partitions)) for \(files.count) files; give fewer files, "
            + "or leave out --partition-per-file")
      }
      let sender = try PacedSender(place, stop: stop)
      try send(files, isPartitionPerFile, pace, sender)
      try sender.finish()
      return JSONText.object(
        [("files", "\(files.count)")] + SendingSummary.members(sender, place.topic, partitions: partitions))
    }
  }

  /// Merges the files by event time, the first of equals first, and sends each message when it is due.
  private static func send(
    _ files: [ReplayFile], _ isPartitionPerFile: Bool, _ pace: Pace, _ sender: PacedSender
  ) throws {
    var bar = ProgressBar(
      bytesTotal: files.reduce(0) { $0 + $1.byteCount }, nowMilliseconds: sender.startMilliseconds)
    var number = 0
    var firstClock: Int64?
    while let next = nextFile(files) {
      let clock = files[next].nextClock
      if firstClock == nil, clock != .min { firstClock = clock }
      let due = pace.dueMilliseconds(
        number: number, elapsedMilliseconds: clock == .min ? 0 : clock - (firstClock ?? clock))
      let wasTaken = try files[next].take { key, value in
        try sender.add(
          key: key, value: value, partition: isPartitionPerFile ? Int32(next) : nil, dueMilliseconds: due)
      }
      guard wasTaken else { break }
      number += 1
      guard number % messagesPerLook == 0 else { continue }
      bar.show(
        bytesDone: files.reduce(0) { $0 + $1.bytesDone }, events: Int64(number),
        nowMilliseconds: MonotonicClock.nowMilliseconds())
    }
    bar.finish()
  }

  /// The file whose next message happened first; nil where all are at their end.
  private static func nextFile(_ files: [ReplayFile]) -> Int? {
    var first: Int?
    for (index, file) in files.enumerated() where !file.isAtEnd {
      if let other = first, files[other].nextClock <= file.nextClock { continue }
      first = index
    }
    return first
  }

  private static func pace(_ arguments: ParsedArguments) throws(CommandError) -> Pace {
    if let speed = arguments.given("speed").flatMap(PaceText.speed) {
      guard !arguments.has("rate") else { throw .usage("replay: --rate and --speed are two paces; choose one") }
      return .eventTime(speed: speed)
    }
    let rate = arguments.text("rate").flatMap { PaceText.rate($0) } ?? nil
    return rate.map(Pace.rate) ?? .fastest
  }

  /// Opens all files before anything is sent: a mistake in the last path costs nothing.
  private static func open(_ arguments: ParsedArguments, _ settings: Settings) throws -> [ReplayFile] {
    let mapping = try CSVMapping(arguments.texts("map"))
    let format = arguments.given("format").flatMap(ReplayFormat.init(rawValue:))
    return try arguments.operands.map { path in
      _ = try LineReader.size(of: path)
      let isCSV = (format ?? ReplayFormat(path: path)) == .csv
      guard isCSV || !arguments.has("map") else {
        throw CommandError.usage("replay: --map is for CSV, and \(path) is not; say --format csv if it is")
      }
      let reader: any MessageReader = try isCSV ? CSVMessages(path: path, mapping: mapping) : LineMessages(path: path)
      return try ReplayFile(path: path, reader: reader, keyedByUser: settings.sessionMode == .derived)
    }
  }
}
