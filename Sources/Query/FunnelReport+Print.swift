internal import Columns

extension FunnelReport {
  public enum Format: String, Sendable, CaseIterable {
    /// One object: what was asked, as of when, and the rows under `steps`.
    case json
    /// The rows alone, an object a line.
    case ndjson
    /// The rows alone, under a header.
    case csv
    /// For people: what was asked, then the rows in aligned columns.
    case text
  }

  /// The whole report in `format`, always the same bytes for the same report.
  public func printed(_ format: Format) -> [UInt8] {
    switch format {
    case .json: json
    case .ndjson: lines(.ndjson)
    case .csv: lines(.csv)
    case .text: Array(text.utf8)
    }
  }

  private func lines(_ format: RowPrinter.Format) -> [UInt8] {
    let printer = RowPrinter(format: format, columns: columns)
    var bytes = printer.header
    for row in rows { printer.append(row, to: &bytes) }
    return bytes
  }

  private var json: [UInt8] {
    // Each row is a line; commas stand where those end.
    let steps = lines(.ndjson).dropLast().map { $0 == 0x0A ? UInt8(ascii: ",") : $0 }
    let members: [(name: String, value: OutputValue)] = [
      ("as_of", asOf.map(OutputValue.time) ?? .null), ("watermark", watermark.map(OutputValue.time) ?? .null),
      ("from", .time(entries.lowerBound)), ("to", .time(entries.upperBound)),
      ("window_ms", .integer(request.windowMilliseconds)), ("unit", .text(request.unit.rawValue)),
      ("group_by", request.groupBy.map(OutputValue.text) ?? .null),
      ("steps", .json([UInt8(ascii: "[")] + steps + [UInt8(ascii: "]")])),
    ]
    var line: [UInt8] = []
    RowPrinter(format: .ndjson, columns: members.map(\.name)).append(members.map(\.value), to: &line)
    return line
  }

  private var text: String {
    let cells = [columns] + rows.map { $0.map { $0 == .null ? "-" : $0.text } }
    let nameColumns = Set(columns.indices.filter { ["name", request.groupBy].contains(columns[$0]) })
    let lines = AlignedText.lines(cells, names: nameColumns).map { $0 + "\n" }
    func time(_ time: Int64?) -> String { time.map(EventTime.text) ?? "none" }
    return """
      first step  from \(time(entries.lowerBound)) to \(time(entries.upperBound)), by \(request.unit.rawValue)
      last step   within \(request.windowMilliseconds) ms
      as of       \(time(asOf)), watermark \(time(watermark))

      \(lines.joined())
      """
  }
}
