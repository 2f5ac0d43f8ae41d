import Shoppers

/// `riffle produce`.
enum ProduceCommand {
  /// Lines between two looks at the clock.
  private static let linesPerLook = 1024

  static func run(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    try Terminal.result(produce(arguments) + "\n")
    return .success
  }

  /// Writes the files and returns what is in them, as JSON on one line.
  static func produce(_ arguments: ParsedArguments) throws(CommandError) -> String {
    let paths = arguments.texts("to") + arguments.operands
    let traffic: Traffic
    do throws(TrafficOptionsError) {
      traffic = try Traffic(TrafficOptions(arguments, partitions: paths.count))
    } catch {
      throw .usage(error.description)
    }
    let files = try open(paths)
    var counts = TrafficCounts()
    var bytesDone: Int64 = 0
    var bar = ProgressBar(
      bytesTotal: 0, eventsTotal: Int64(traffic.options.eventCount), nowMilliseconds: MonotonicClock.milliseconds())
    for line in traffic {
      try files[line.partition].append(line.bytes)
      counts.add(line.kind)
      bytesDone += Int64(line.bytes.count) + 1
      if counts.lines % linesPerLook == 0 {
        bar.show(
          bytesDone: bytesDone, events: Int64(counts.lines), nowMilliseconds: MonotonicClock.milliseconds())
      }
    }
    for file in files { try file.flush() }
    bar.finish()
    return summary(counts, files)
  }

  /// Opens all files before it empties any: a mistake in the last path costs nothing.
  private static func open(_ paths: [String]) throws(CommandError) -> [PartitionFile] {
    var files: [PartitionFile] = []
    var known: [PartitionFile.Identity: String] = [:]
    for path in paths {
      let file = try PartitionFile(path: path)
      if let identity = file.identity, let other = known.updateValue(path, forKey: identity) {
        throw .usage("\(other) and \(path) are the same file; give each partition its own")
      }
      files.append(file)
    }
    for file in files {
      if file.isOccupied { Terminal.note("riffle: overwriting \(file.path)") }
      try file.start()
    }
    return files
  }

  private static func summary(_ counts: TrafficCounts, _ files: [PartitionFile]) -> String {
    let written = files.map { file in
      JSONText.object([
        ("path", JSONText.string(file.path)), ("lines", "\(file.lineCount)"), ("bytes", "\(file.byteCount)"),
      ])
    }
    return JSONText.object(counts.members + [("files", JSONText.array(written))])
  }
}

/// How many lines of each kind were written.
private struct TrafficCounts {
  private(set) var lines = 0
  private var events = 0
  private var duplicates = 0
  private var farDuplicates = 0
  private var malformed = 0
  /// Malformed lines by what is wrong with them.
  private var reasons: [Damage: Int] = [:]

  mutating func add(_ kind: TrafficLine.Kind) {
    lines += 1
    switch kind {
    case .event: events += 1
    case .duplicate: duplicates += 1
    case .farDuplicate: farDuplicates += 1
    case .malformed(let damage):
      malformed += 1
      reasons[damage, default: 0] += 1
    }
  }

  var members: [(name: String, json: String)] {
    let byReason = Damage.allCases.compactMap { damage in
      reasons[damage].map { (name: damage.rawValue, json: "\($0)") }
    }
    return [
      ("lines", "\(lines)"), ("events", "\(events)"), ("duplicates", "\(duplicates)"),
      ("far_duplicates", "\(farDuplicates)"), ("malformed", "\(malformed)"), ("reasons", JSONText.object(byReason)),
    ]
  }
}

extension TrafficOptions {
  /// What the flags of `produce` ask for; every flag has been checked, and has a default unless nothing stands for it.
  fileprivate init(_ arguments: ParsedArguments, partitions: Int) {
    self.init()
    self.partitions = partitions
    if let seed = arguments.integer("seed") { self.seed = UInt64(seed) }
    if let count = arguments.integer("events") { eventCount = Int(count) }
    if let start = arguments.time("start") { self.start = start }
    if let span = arguments.durationMilliseconds("span") { spanMilliseconds = span }
    if let key = arguments.text("partitions-key").flatMap(Key.init) { self.key = key }
    order = arguments.text("order") == "session-end" ? .sessionEnd : .time
    if let users = arguments.integer("users") { self.users = Int(users) }
    if let products = arguments.integer("products") { self.products = Int(products) }
    currency = arguments.given("currency")
    let rates: [(flag: String, option: WritableKeyPath<TrafficOptions, Double>)] = [
      ("anonymous", \.anonymousRate), ("duplicates", \.duplicateRate), ("far-duplicates", \.farDuplicateRate),
      ("malformed", \.malformedRate), ("disordered", \.disorderRate), ("late", \.lateRate),
      ("time-forms", \.timeFormRate), ("bots", \.botRate), ("refunds", \.refundRate),
    ]
    for (flag, option) in rates {
      if let rate = arguments.ratio(flag) { self[keyPath: option] = rate }
    }
    if let disorder = arguments.durationMilliseconds("disorder") { disorderMilliseconds = disorder }
    if let lateness = arguments.durationMilliseconds("lateness") { latenessMilliseconds = lateness }
  }
}
