internal import Telemetry

/// Reads the members of one object of a request, and says where it is when something is wrong.
struct RequestReader {
  /// Where the object stands, such as `filters[1]`; empty for the request itself.
  let place: String
  private let members: [JSONValue.Member]

  /// - Parameter known: every member that there may be.
  init(_ value: JSONValue, _ place: String, known: [String]) throws(QueryError) {
    guard case .object(let members) = value else {
      throw QueryError(place, "must be an object, not \(value.kind)")
    }
    self.place = place
    self.members = members
    for member in members where !known.contains(member.name) {
      throw QueryError(
        RequestReader.join(place, member.name), "there is no such member", unknown: member.name, among: known)
    }
  }

  static func join(_ place: String, _ name: String) -> String { place.isEmpty ? name : "\(place).\(name)" }

  func at(_ name: String) -> String { RequestReader.join(place, name) }

  /// The member's value; nil where it is absent or null.
  func value(_ name: String) -> JSONValue? {
    let value = members.first { $0.name == name }?.value
    return value == .null ? nil : value
  }

  func text(_ name: String) throws(QueryError) -> String? {
    guard let value = value(name) else { return nil }
    return try RequestReader.text(value, at(name))
  }

  static func text(_ value: JSONValue, _ place: String) throws(QueryError) -> String {
    guard case .string(let text) = value, !text.isEmpty else {
      throw QueryError(place, "must be a text in quotes, not \(value == .string("") ? "an empty one" : value.kind)")
    }
    return text
  }

  func boolean(_ name: String) throws(QueryError) -> Bool? {
    guard let value = value(name) else { return nil }
    guard case .boolean(let flag) = value else {
      throw QueryError(at(name), "must be true or false, not \(value.kind)")
    }
    return flag
  }

  func integer(_ name: String, in range: ClosedRange<Int64>) throws(QueryError) -> Int64? {
    guard let value = value(name) else { return nil }
    guard case .number(let text) = value, let number = Int64(text), range.contains(number) else {
      throw QueryError(at(name), "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// The elements of an array, each with its place; none where the member is absent.
  func elements(_ name: String) throws(QueryError) -> [(value: JSONValue, place: String)] {
    guard let value = value(name) else { return [] }
    guard case .array(let values) = value else { throw QueryError(at(name), "must be an array, not \(value.kind)") }
    let limit = 1000
    guard values.count <= limit else { throw QueryError(at(name), "has more than \(limit) elements") }
    return values.enumerated().map { ($0.element, "\(at(name))[\($0.offset)]") }
  }

  /// One of the names of a type.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, of type: Choice.Type
  ) throws(QueryError) -> Choice? where Choice.RawValue == String {
    guard let text = try text(name) else { return nil }
    guard let choice = Choice(rawValue: text) else {
      throw QueryError(at(name), "there is no '\(text)'", unknown: text, among: type.allCases.map(\.rawValue))
    }
    return choice
  }
}
