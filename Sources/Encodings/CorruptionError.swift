/// Stored bytes that do not say what they must: what is wrong, in which file and where.
///
/// The data is damaged or was written by something else; reading on is of no use. Recovery falls back to an older
/// commit.
public struct CorruptionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file, where known.
  public var path: String?
  /// What is wrong, as a part of a sentence.
  public var what: String
  /// The byte position of the damage, where known.
  public var offset: Int?

  public init(_ what: String, offset: Int? = nil, path: String? = nil) {
    self.path = path
    self.what = what
    self.offset = offset
  }

  /// The same error, naming `path` unless it names a file already.
  public func withPath(_ path: String) -> CorruptionError {
    CorruptionError(what, offset: offset, path: self.path ?? path)
  }

  /// The same error inside `context` ("row group 3, column price").
  public func inside(_ context: String) -> CorruptionError {
    CorruptionError("\(context): \(what)", offset: offset, path: path)
  }

  public var description: String {
    var text = path.map { "\($0) is corrupt" } ?? "corrupt data"
    if let offset { text += " at byte \(offset)" }
    return text + ": " + what
  }
}
