import Ingest
import Telemetry

/// A cell as JSON.
enum CSVValue {
  /// Numbers where the field is one, and for fields that events do not have, where the cell looks like one.
  static func append(_ cell: [UInt8], _ kind: FieldRule.Kind?, to event: inout [UInt8]) {
    let isNumber = JSONText.isNumber(cell)
    let text = String(decoding: cell, as: UTF8.self)
    switch kind {
    case .decimal, .real, .time:
      if isNumber { event += cell } else { JSONText.append(cell, to: &event) }
    case .boolean:
      let value = ["true": "true", "1": "true", "false": "false", "0": "false"][text.lowercased()]
      if let value { event += value.utf8 } else { JSONText.append(cell, to: &event) }
    case .object:
      if cell.first == UInt8(ascii: "{") { event += cell } else { JSONText.append(cell, to: &event) }
    case .text: JSONText.append(cell, to: &event)
    case nil:
      if isNumber || text == "true" || text == "false" { event += cell } else { JSONText.append(cell, to: &event) }
    }
  }
}
