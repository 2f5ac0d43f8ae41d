public import Columns

/// One JSON member that becomes one column.
public struct FieldRule: Sendable {
  /// What the member's value has to be; JSON null is always allowed.
  public enum Kind: Sendable {
    /// A string, unescaped.
    case text
    /// A number, exact in fixed point of ten-thousandths, rounded half-even.
    case decimal
    /// A number, as a double.
    case real
    case boolean
    /// RFC 3339 with an offset, or a number of seconds, milliseconds or microseconds by magnitude.
    case time
    /// An object, kept as its raw text.
    case object
  }

  /// The member's name, or the names of an object and of the member in it.
  public let path: [String]
  /// The column's name in the schema.
  public let column: String
  public let kind: Kind
  /// Other names of the member beside it, used only where the canonical one is absent; the first that is present
  /// counts.
  public let aliases: [String]
  /// Whether null, absence and an empty string make the message a dead letter.
  public let isRequired: Bool
  /// Whether an empty string is stored as null, as for identifiers; implied by `isRequired`.
  public let emptyIsNull: Bool

  public init(
    _ path: [String], column: String, kind: Kind, aliases: [String] = [], isRequired: Bool = false,
    emptyIsNull: Bool = false
  ) {
    self.path = path
    self.column = column
    self.kind = kind
    self.aliases = aliases
    self.isRequired = isRequired
    self.emptyIsNull = emptyIsNull || isRequired
  }

  /// The path as it is reported: `utm.source`.
  public var name: String { path.joined(separator: ".") }
}

/// What messages look like and which columns they become.
///
/// A shape is made by code, so a contradictory one is a precondition failure of `MessageDecoder.init`: every column
/// of the
/// schema has a rule or is `sourceColumn`, `offsetColumn` or `overflowColumn`; types fit; names are printable ASCII
/// without quotes, braces and backslashes, at most 60 bytes; there are at most 64 rules.
public struct MessageShape: Sendable {
  public var schema: Schema
  public var fields: [FieldRule]
  /// Members that no rule names are kept in this column as one JSON object, after those of its own rule's object.
  public var overflowColumn: String?
  /// The text column whose value must be one of `types`.
  public var typeColumn: String
  /// The time column whose value must lie in `1...latestTime`.
  public var timeColumn: String
  /// The text column that gets 32 hex digits of the raw message's hash where it is null or empty.
  public var identityColumn: String?
  /// The integer column that gets the caller's `source`.
  public var sourceColumn: String?
  /// The integer column that gets the message's log offset.
  public var offsetColumn: String?
  public var maximumMessageBytes: Int
  /// The latest credible event time, milliseconds; the default is the year 2100.
  public var latestTime: Int64
  public var types: EventTypes

  public init(
    schema: Schema, fields: [FieldRule], overflowColumn: String? = nil, typeColumn: String, timeColumn: String,
    identityColumn: String? = nil, sourceColumn: String? = nil, offsetColumn: String? = nil,
    maximumMessageBytes: Int = 1 << 20, latestTime: Int64 = 4_102_444_800_000, types: EventTypes
  ) {
    self.schema = schema
    self.fields = fields
    self.overflowColumn = overflowColumn
    self.typeColumn = typeColumn
    self.timeColumn = timeColumn
    self.identityColumn = identityColumn
    self.sourceColumn = sourceColumn
    self.offsetColumn = offsetColumn
    self.maximumMessageBytes = maximumMessageBytes
    self.latestTime = latestTime
    self.types = types
  }
}
