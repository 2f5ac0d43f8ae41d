public import Columns

/// Messages that were refused: where they came from, why, and their very bytes, so that nothing is lost.
public enum DeadLetterTable {
  public static let schema = Schema([
    Field("source", .integer), Field("offset", .integer), Field("reason", .string), Field("field", .string),
    Field("raw", .binary),
  ])
}
