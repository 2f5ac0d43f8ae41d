/// Prometheus' text format, version 0.0.4.
public enum Exposition {
  /// What `Content-Type` says of it.
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// The lines of one metric: what it is, then its samples.
  static func append(
    name: String, help: String, kind: MetricKind, samples: [MetricSample], to text: inout String
  ) {
    text += "# HELP \(name) \(escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    for sample in samples {
      text += name + sample.suffix
      if !sample.labels.isEmpty {
        let labels = sample.labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
        text += "{\(labels.joined(separator: ","))}"
      }
      text += " \(Self.text(of: sample.value))\n"
    }
  }

  /// A number as Prometheus reads it: whole ones without a point.
  static func text(of value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    let isWhole = value.magnitude < 1e15 && value == value.rounded()
    return isWhole ? String(Int64(value)) : "\(value)"
  }

  /// Whether `name` can be the name of a metric or a label.
  static func isName(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
      byte == 0x5F || (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
    }
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
