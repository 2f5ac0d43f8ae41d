internal import Columns
internal import Telemetry
internal import Windows

/// The key of a window's messages: `["kpi_1m",["DE"],"2023-11-16T12:00:00Z"]`, the rollup, the values it groups by, the
/// window's start.
enum ResultKey {
  static func bytes(_ rollup: String, _ group: GroupValues, _ window: Range<Int64>) -> [UInt8] {
    var json = JSONWriter()
    json.array { json in
      json.string(rollup)
      json.array { json in
        for value in group {
          if let value { json.string(String(decoding: value, as: UTF8.self)) } else { json.null() }
        }
      }
      json.string(EventTime.text(window.lowerBound))
    }
    return json.bytes
  }
}
