import Shoppers
import Telemetry

/// `riffle produce`.
enum ProduceCommand {
  /// Lines between two looks at the clock.
  private static let linesPerLook = 1024

  static func run(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    let isTopic = ["brokers", "topic"].contains(where: arguments.has)
    guard isTopic || arguments.has("to") else {
      throw .usage("produce: needs --to FILE or --topic NAME; see 'riffle help produce'")
    }
    guard isTopic else {
      try Terminal.result(produce(arguments) + "\n")
      return .success
    }
    if let file = arguments.texts("to").first ?? arguments.operands.first {
      throw .usage("produce: '\(file)' is a file, and --brokers and --topic are for a topic; choose one")
    }
    let signal = StopSignal()
    try Terminal.result(EngineCall.run { try TopicProduction(arguments, settings).run(signal.wish) } + "\n")
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
      bytesTotal: 0, eventsTotal: Int64(traffic.options.eventCount), nowMilliseconds: MonotonicClock.nowMilliseconds())
    for line in traffic {
      try files[line.partition].append(line.bytes)
      counts.add(line.kind)
      bytesDone += Int64(line.bytes.count) + 1
      if counts.lines % linesPerLook == 0 {
        bar.show(
          bytesDone: bytesDone, events: Int64(counts.lines), nowMilliseconds: MonotonicClock.nowMilliseconds())
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
