internal import Columns
internal import Telemetry

/// The query's parameters, decoded, in the order in which they came.
///
/// The typed look-ups throw what the client is told: which parameter, what is wrong with it, what is allowed. A
/// parameter that is there but empty counts as given.
public struct HTTPQuery: Sendable, Equatable {
  public struct Parameter: Sendable, Equatable {
    public let name: String
    public let value: String
  }

  public private(set) var parameters: [Parameter] = []

  init(encoded: Substring) throws(HTTPFailure) {
    for pair in encoded.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = try PercentText.decode(parts[0], plusIsSpace: true)
      let value = parts.count > 1 ? try PercentText.decode(parts[1], plusIsSpace: true) : ""
      parameters.append(Parameter(name: name, value: value))
    }
  }

  /// The values of a parameter that may be repeated.
  public func values(_ name: String) -> [String] { parameters.filter { $0.name == name }.map(\.value) }

  public func text(_ name: String) -> String? { parameters.first { $0.name == name }?.value }

  /// A decimal integer of a range, or nil where the parameter is absent.
  public func integer(_ name: String, in range: ClosedRange<Int64>) throws(HTTPFailure) -> Int64? {
    guard let text = text(name) else { return nil }
    guard let number = Int64(text), range.contains(number) else {
      let rule = "must be an integer from \(range.lowerBound) to \(range.upperBound)"
      throw .badParameter(name: name, "\(rule), not '\(HTTPQuery.shortened(text))'")
    }
    return number
  }

  public func integer(
    _ name: String, default value: Int64, in range: ClosedRange<Int64>
  ) throws(HTTPFailure) -> Int64 {
    try integer(name, in: range) ?? value
  }

  /// Milliseconds since 1970, from RFC 3339 with an offset or from an epoch number of seconds, milliseconds or
  /// microseconds by its magnitude (SEMANTICS §1).
  public func time(_ name: String) throws(HTTPFailure) -> Int64? {
    guard let text = text(name) else { return nil }
    guard let milliseconds = EventTime.parse(timeOrEpoch: text) else {
      let rule = "must be a time such as 2026-01-01T12:00:00Z or an epoch number"
      // A '+' of an offset that was not encoded arrives as a space.
      let hint = text.contains(" ") ? " (write '+' as %2B)" : ""
      throw .badParameter(name: name, "\(rule), not '\(HTTPQuery.shortened(text))'\(hint)")
    }
    return milliseconds
  }

  /// One of the words `options`, or nil where the parameter is absent.
  public func choice(_ name: String, of options: [String]) throws(HTTPFailure) -> String? {
    guard let text = text(name) else { return nil }
    guard options.contains(text) else {
      let rule = "must be one of \(options.joined(separator: ", ")), not '\(HTTPQuery.shortened(text))'"
      throw .badParameter(name: name, rule + NearestName.hint(text, among: options))
    }
    return text
  }

  public func choice(_ name: String, default value: String, of options: [String]) throws(HTTPFailure) -> String {
    try choice(name, of: options) ?? value
  }

  /// Refuses parameters that a route does not have, and repetitions of those that have one value.
  func check(against known: [HTTPParameter]) throws(HTTPFailure) {
    var seen: Set<String> = []
    for parameter in parameters {
      let name = parameter.name
      let known = known.filter { $0.place == .query }
      guard let declared = known.first(where: { $0.name == name }) else {
        let names = known.map(\.name)
        let list = names.isEmpty ? "there are none" : "known are \(names.joined(separator: ", "))"
        let hint = NearestName.hint(name, among: names)
        throw .badParameter(name: HTTPQuery.shortened(name), "is not known here; \(list)\(hint)")
      }
      guard seen.insert(name).inserted || declared.isRepeatable else {
        throw .badParameter(name: name, "has one value, but came more than once")
      }
    }
  }

  /// Foreign text of a length that an error can carry.
  private static func shortened(_ text: String) -> String { text.count <= 60 ? text : text.prefix(60) + "…" }
}
