public import Commerce
internal import Ingest
internal import Windows

/// Which funnel to report on.
public struct FunnelRequest: Sendable {
  /// Who goes through the funnel.
  public enum Unit: String, Sendable, CaseIterable {
    /// The user; where the event names none, its session key.
    case user
    /// The session key: as the events name it, whatever time lies between them.
    case session
  }

  /// Event types, in order.
  public var steps: [String]
  /// The longest time from the first step to the last, in milliseconds.
  public var windowMilliseconds: Int64
  public var unit = Unit.user
  /// Whether each step must be at a later time than the one before; otherwise the order of events decides.
  public var isStrictlyIncreasing = false
  /// Where chains begin: event times from `from`, before `to`. By default the day that ends with `Snapshot.asOf()`.
  public var from: Int64?
  public var to: Int64?
  /// A column; units are grouped by its value at their chain's first step.
  public var groupBy: String?
  /// About how many events are held at once, 32 bytes each (a growing array may have room for twice as many); where the
  /// range has more rows, users are taken in several passes.
  public var maximumBufferedEvents = 1 << 21

  /// The funnel that is configured.
  public init(_ settings: JobSettings) {
    steps = settings.funnelSteps
    windowMilliseconds = settings.funnelWindowMilliseconds
  }

  /// Refuses what `job` has not, before anything is read.
  public func check(_ job: Job) throws(FunnelRequestError) { _ = try funnel(job) }

  /// The funnel over the types of `job`.
  ///
  /// - Throws: where the request asks for what there is not.
  func funnel(_ job: Job) throws(FunnelRequestError) -> OrderedFunnel {
    guard steps.count >= 2 else { throw FunnelRequestError("a funnel has at least two steps") }
    guard windowMilliseconds >= 0 else { throw FunnelRequestError("a funnel's window cannot be negative") }
    if let from, let to, from >= to {
      throw FunnelRequestError(
        "no time lies from \(OutputValue.time(from).text) to \(OutputValue.time(to).text): the end must be later")
    }
    if let groupBy, !EventSchema.dimensions.contains(groupBy) {
      throw FunnelRequestError("no column '\(groupBy)' to group by", unknown: groupBy, known: EventSchema.dimensions)
    }
    var masks: [UInt64] = []
    for step in steps {
      guard let code = job.types.names.firstIndex(of: step) else {
        throw FunnelRequestError("no event type '\(step)' is configured", unknown: step, known: job.types.names)
      }
      masks.append(OrderedFunnel.mask(UInt8(code)))
    }
    return OrderedFunnel(
      steps: masks, windowMilliseconds: windowMilliseconds, isStrictlyIncreasing: isStrictlyIncreasing)
  }
}

/// Why there is no such funnel.
public struct FunnelRequestError: Error, Sendable, CustomStringConvertible {
  /// What is wrong.
  public let problem: String
  /// The name that is not known, and those that are; nil and none where no name is at fault.
  public let unknown: String?
  public let known: [String]

  public init(_ problem: String, unknown: String? = nil, known: [String] = []) {
    self.problem = problem
    self.unknown = unknown
    self.known = known
  }

  public var description: String { known.isEmpty ? problem : "\(problem); there are \(known.joined(separator: ", "))" }
}
