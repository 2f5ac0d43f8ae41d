internal import Telemetry

/// Why a query is refused: what is wrong, where in the request, and what to do.
public struct QueryError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Who has to do something.
  public enum Kind: Sendable, Equatable {
    /// The request is not understood, or asks for what there is not.
    case request
    /// The answer, or what must be held for it, has more than the query may take.
    case limit
  }

  public let kind: Kind
  /// The member that is at fault, such as `filters[1].column`; empty where it is the request as a whole.
  public let place: String
  public let problem: String
  /// A name that is close to the unknown one, as the end of the sentence; empty where there is none.
  public let hint: String

  init(_ place: String, _ problem: String, unknown: String? = nil, among known: [String] = []) {
    kind = .request
    self.place = place
    self.problem = problem
    let nearest = unknown.map { NearestName.hint($0, among: known) } ?? ""
    hint = !nearest.isEmpty || known.isEmpty ? nearest : "; there are \(known.joined(separator: ", "))"
  }

  private init(limit problem: String, _ advice: String) {
    kind = .limit
    place = ""
    self.problem = problem
    hint = "; \(advice)"
  }

  static func tooMany(_ what: String, limit: Int, _ advice: String) -> QueryError {
    QueryError(limit: "the query needs more than \(limit) \(what) at once", advice)
  }

  public var description: String { "query: " + (place.isEmpty ? "" : "\(place): ") + problem + hint }
}
