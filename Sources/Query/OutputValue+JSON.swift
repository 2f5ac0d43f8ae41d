internal import Telemetry

/// JSON made of values.
extension OutputValue {
  static func object(_ members: [(String, OutputValue)]) -> OutputValue {
    var line: [UInt8] = []
    RowPrinter(format: .ndjson, columns: members.map(\.0)).append(members.map(\.1), to: &line)
    return .json(Array(line.dropLast()))
  }

  static func array(_ elements: [OutputValue]) -> OutputValue {
    var json = JSONWriter()
    json.array { json in
      for element in elements {
        var text: [UInt8] = []
        ValueText.appendJSON(element, to: &text)
        json.raw(text)
      }
    }
    return .json(json.bytes)
  }

  /// An object with a number for each name, in the order of the names.
  static func counts(_ counts: [String: Int]) -> OutputValue {
    object(counts.sorted { $0.key < $1.key }.map { ($0.key, .integer(Int64($0.value))) })
  }

  /// The value as one JSON text, with a newline.
  var jsonText: String {
    var json: [UInt8] = []
    ValueText.appendJSON(self, to: &json)
    return String(decoding: json, as: UTF8.self) + "\n"
  }
}
