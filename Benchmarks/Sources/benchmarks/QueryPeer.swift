import Foundation

/// Other engines that are asked the same queries, in a process of `query_peers.py` that stays: so that they can take
/// turns with Riffle.
final class QueryPeer {
  /// Its tables and what they take, in bytes.
  let forms: [(name: String, byteCount: Int)]
  let version: String
  private let process = Process()
  private let questions = Pipe()
  private let answers = Pipe()
  /// What was read behind the last whole line.
  private var rest = Data()

  static let script = URL(filePath: DuckDB.script).deletingLastPathComponent().appending(path: "query_peers.py").path

  /// Starts it, and waits until its tables are loaded.
  init(_ command: [String]) throws {
    process.executableURL = URL(filePath: command[0])
    process.arguments = Array(command.dropFirst())
    (process.standardInput, process.standardOutput) = (questions, answers)
    var line: [String: Any] = [:]
    do {
      try process.run()
      line = try QueryPeer.next(answers, &rest)
    } catch { throw BenchmarkError("'\(command.joined(separator: " "))': \(error)", exitCode: 69) }
    version = line["version"] as? String ?? ""
    forms = (line["bytes"] as? [String: Int] ?? [:]).map { ($0.key, $0.value) }.sorted { $0.name < $1.name }
  }

  deinit {
    try? questions.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// Asks one of its tables. `expected` are the rows that there must be; what differs is returned.
  func ask(
    _ form: String, _ query: String, _ parameters: [String: Any], expected: [[Any]]? = nil
  ) throws -> (milliseconds: Double, processorMilliseconds: Double, difference: String?) {
    var question: [String: Any] = ["form": form, "query": query, "parameters": parameters]
    if let expected { question["expected"] = expected }
    try questions.fileHandleForWriting.write(contentsOf: Data((Output.jsonLine(question) + "\n").utf8))
    let answer = try QueryPeer.next(answers, &rest)
    guard let milliseconds = answer["ms"] as? Double, let processor = answer["cpu_ms"] as? Double else {
      throw BenchmarkError("\(form) gave no answer to \(query)", exitCode: 70)
    }
    return (milliseconds, processor, answer["difference"] as? String)
  }

  /// The next line, an object.
  private static func next(_ pipe: Pipe, _ rest: inout Data) throws -> [String: Any] {
    while true {
      if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        defer { rest = Data(rest[(end + 1)...]) }
        return try JSONSerialization.jsonObject(with: Data(rest[..<end])) as? [String: Any] ?? [:]
      }
      let more = pipe.fileHandleForReading.availableData
      guard !more.isEmpty else { throw BenchmarkError("query_peers.py ended", exitCode: 70) }
      rest += more
    }
  }
}

/// Who answers beside Riffle.
struct QueryPeers {
  private var peers: [QueryPeer] = []

  /// DuckDB where its Python is given, and ClickHouse, which loads what DuckDB wrote; the tables are made in `work`.
  init(_ flags: Flags, _ files: [String]) throws {
    guard !files.isEmpty, let duckdb = flags.text("--duckdb-python") else { return }
    let folder = "\(flags.work)/query-peers"
    if FileManager.default.fileExists(atPath: folder) { try FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    Output.note("Loading the same into DuckDB")
    peers.append(try QueryPeer([duckdb, QueryPeer.script, "duckdb", folder] + files))
    guard let clickhouse = flags.text("--clickhouse-python") else { return }
    Output.note("Loading the same into ClickHouse")
    peers.append(try QueryPeer([clickhouse, QueryPeer.script, "clickhouse", folder]))
  }

  /// All of their tables.
  var forms: [(peer: QueryPeer, name: String, byteCount: Int)] {
    peers.flatMap { peer in peer.forms.map { (peer, $0.name, $0.byteCount) } }
  }
}
