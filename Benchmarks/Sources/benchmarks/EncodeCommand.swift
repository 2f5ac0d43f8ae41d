import Columns
import Encodings

/// `benchmarks encode FILE`: what storing events costs and takes, column by column, on one core.
enum EncodeCommand {
  static let usage = "benchmarks encode FILE.ndjson [--order file|sorted|merged] [--rows N] [--limit BYTES]"

  static func run(_ arguments: [String]) throws {
    let flags = try Flags(arguments, known: ["--order", "--rows", "--limit"], usage: usage)
    guard flags.operands.count == 1 else { throw flags.error("one file is needed") }
    let order = flags.text("--order") ?? "file"
    guard ["file", "sorted", "merged"].contains(order) else {
      throw flags.error("--order is file, sorted or merged, not '\(order)'")
    }
    let lines = try Lines(path: flags.operands[0], byteLimit: try flags.count("--limit", default: 1 << 30))
    let events = try StoredEvents(lines, isSorted: order != "file")
    let rows = try flags.count("--rows", default: order == "merged" ? 32_768 : 65_536)
    let pageRows = min(rows, Page.maximumRowCount)
    if order == "merged" { return try MergedBenchmark.run(events, groupRows: pageRows) }
    let codec: PageCodec = order == "sorted" ? .zstd : .lz4
    var total = EncodeResult(name: "all")
    for index in events.schema.fields.indices {
      let result = try EncodeBenchmark.measure(events, column: index, pageRows: pageRows, codec: codec)
      print(result.row(rowCount: events.rowCount))
      total.add(result)
    }
    print(total.row(rowCount: events.rowCount))
    print(
      "\(events.rowCount) rows: encoded \(total.encodedRate(rowCount: events.rowCount)) M rows/s,",
      "decoded \(total.decodedRate(rowCount: events.rowCount)) M rows/s")
  }
}
