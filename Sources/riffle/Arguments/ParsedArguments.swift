import Columns

/// A command line that is known to fit the command table: every value has been checked against its flag.
struct ParsedArguments: Sendable {
  /// What the command line asks for.
  enum Action: Sendable, Equatable {
    case command
    /// Help on a command, or on the whole program.
    case help(String?)
    case version
  }

  var action: Action
  var command: CommandSpecification
  /// What is not a flag, in order.
  var operands: [String] = []
  /// The values of each flag that was given, in order; a toggle has an empty one.
  var values: [String: [String]] = [:]

  /// Whether a flag was given.
  func has(_ flag: String) -> Bool { values[flag] != nil }

  /// The last value of a flag, or its declared default.
  func text(_ flag: String) -> String? { given(flag) ?? command.flag(flag)?.defaultText }

  /// The last value that was typed; nil where the flag is absent.
  func given(_ flag: String) -> String? { values[flag]?.last }

  /// All values of a repeatable flag, in order.
  func texts(_ flag: String) -> [String] { values[flag] ?? [] }

  /// A whole number; nil where the flag has neither value nor default.
  func integer(_ flag: String) -> Int64? { text(flag).flatMap { Int64($0) } }

  /// A number from 0 to 1.
  func ratio(_ flag: String) -> Double? { text(flag).flatMap(RatioText.parse) }

  /// Milliseconds.
  func durationMilliseconds(_ flag: String) -> Int64? { text(flag).flatMap(DurationText.parse) }

  /// Event time: milliseconds since 1970.
  func time(_ flag: String) -> Int64? { text(flag).flatMap { EventTime.parse(dateOrTime: $0) } }
}
