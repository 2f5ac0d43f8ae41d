import Telemetry

/// Values as JSON text, to be put together, for the few small answers of the command itself.
extension JSONText {
  /// `text` in quotes.
  static func string(_ text: String) -> String { written { $0.string(text) } }

  /// An object of members that are already JSON, in their order.
  static func object(_ members: [(name: String, json: String)]) -> String {
    written { json in
      json.object { json in
        for member in members {
          json.key(member.name)
          json.raw(member.json.utf8)
        }
      }
    }
  }

  /// An array of elements that are already JSON.
  static func array(_ elements: [String]) -> String {
    written { json in json.array { json in elements.forEach { json.raw($0.utf8) } } }
  }

  private static func written(_ write: (inout JSONWriter) -> Void) -> String {
    var json = JSONWriter()
    write(&json)
    return String(decoding: json.bytes, as: UTF8.self)
  }
}
