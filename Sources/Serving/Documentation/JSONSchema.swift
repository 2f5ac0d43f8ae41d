/// What a JSON value can be: as much of JSON Schema (draft 2020-12) as our questions and answers need.
///
/// Objects are closed: what is not named here must not be there, unless `others` says what it can be.
///
///     let point: JSONSchema = .object(["time": .time, "count": .integer(0...Int64.max)], optional: ["note": .text()])
public indirect enum JSONSchema: Sendable, Equatable {
  public struct Member: Sendable, Equatable {
    public let name: String
    public let schema: JSONSchema
    public let isOptional: Bool
  }

  case any
  case boolean
  case integer(ClosedRange<Int64>? = nil)
  case number
  case text(format: String? = nil, pattern: String? = nil)
  case choice([String])
  case array(JSONSchema)
  case members([Member], others: JSONSchema? = nil)
  case nullable(JSONSchema)
  /// At least one of them fits.
  case either([JSONSchema])
  /// One that is written once, under its name, and referred to.
  case named(String, JSONSchema)
  case described(String, JSONSchema)

  /// An object with these members, and maybe those.
  public static func object(
    _ members: KeyValuePairs<String, JSONSchema>, optional: KeyValuePairs<String, JSONSchema> = [:],
    others: JSONSchema? = nil
  ) -> JSONSchema {
    .members(
      members.map { Member(name: $0.key, schema: $0.value, isOptional: false) }
        + optional.map { Member(name: $0.key, schema: $0.value, isOptional: true) },
      others: others)
  }

  /// An object from any names to values of one kind.
  public static func map(of schema: JSONSchema) -> JSONSchema { .members([], others: schema) }

  /// An object with the members of both.
  public func adding(_ other: JSONSchema) -> JSONSchema {
    switch (self, other) {
    case (.named(_, let inner), _): inner.adding(other)
    case (_, .named(_, let inner)): adding(inner)
    case (.members(let mine, let others), .members(let theirs, let more)):
      .members(mine + theirs.filter { member in !mine.contains { $0.name == member.name } }, others: others ?? more)
    default: self
    }
  }

  public static let time = JSONSchema.text(format: "date-time")
  /// As `HTTPQuery` reads it; an epoch number is of seconds, milliseconds or microseconds, by its magnitude.
  public static let timeOrEpoch = JSONSchema.either([.time, .integer(0...Int64.max)])
  public static let count = JSONSchema.integer(0...Int64.max)
  /// `30m`, as `HTTPQuery` reads it.
  public static let duration = JSONSchema.text(pattern: "^[0-9]{1,8}(ms|s|m|min|h|d)$")
}
