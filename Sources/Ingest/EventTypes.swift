internal import Columns

/// The event types that are known: exact names, patterns such as `order.*`, and foreign names for them.
///
/// Each name and each pattern has a code of one byte; codes count from 0 in the order given, names before patterns.
public struct EventTypes: Sendable {
  /// A configured list that cannot be used; `description` says what and what is allowed.
  public struct Invalid: Error, CustomStringConvertible, Equatable {
    public let description: String
  }

  public static let maximumCount = 64

  /// The names and patterns by code.
  public let names: [String]
  let table: NameTable
  /// The prefixes of the patterns with their codes, the longest first.
  let prefixes: [(bytes: [UInt8], code: UInt8)]
  /// `names` as bytes.
  let nameBytes: [[UInt8]]
  let hasAliases: Bool

  /// The types called `names`, of which those that end in `.*` are patterns; `aliases` maps foreign names to exact
  /// ones.
  public init(_ names: [String], aliases: [String: String] = [:]) throws(Invalid) {
    let exact = names.filter { !$0.hasSuffix("*") }
    let patterns = names.filter { $0.hasSuffix("*") }
    guard names.count <= EventTypes.maximumCount else {
      throw Invalid(
        description: "\(names.count) event types are configured; at most \(EventTypes.maximumCount) are allowed")
    }
    var entries: [(name: [UInt8], value: Int32)] = []
    var codes: [String: Int] = [:]
    for (code, name) in exact.enumerated() {
      guard !name.isEmpty, codes.updateValue(code, forKey: name) == nil else {
        throw Invalid(description: "event type \"\(name)\" is empty or configured twice")
      }
      entries.append((Array(name.utf8), Int32(code)))
    }
    for (alias, name) in aliases.sorted(by: { $0.key < $1.key }) {
      guard let code = codes[name] else {
        throw Invalid(description: "event type alias \"\(alias)\" means \"\(name)\", which is not a configured type")
      }
      guard !alias.isEmpty, codes[alias] == nil else {
        throw Invalid(description: "event type alias \"\(alias)\" is empty or a configured type itself")
      }
      entries.append((Array(alias.utf8), Int32(code)))
    }
    guard Set(patterns).count == patterns.count, patterns.allSatisfy({ $0.hasSuffix(".*") && $0.utf8.count > 2 }) else {
      throw Invalid(description: "event type patterns have the form \"order.*\" and are configured once")
    }
    self.names = exact + patterns
    nameBytes = self.names.map { Array($0.utf8) }
    hasAliases = !aliases.isEmpty
    table = NameTable(entries)
    prefixes = patterns.enumerated()
      .map { (Array($0.element.utf8.dropLast()), UInt8(exact.count + $0.offset)) }
      .sorted { $0.0.count > $1.0.count }
  }

  /// The code of the type called `bytes`, or nil where it is unknown. O(1) for names, O(patterns) for the rest.
  public func code(of bytes: Span<UInt8>) -> UInt8? {
    let padded = ByteArena(capacity: bytes.count)
    padded.append(bytes)
    return unsafe code(at: padded.base, bytes.count)
  }

  /// The same of `length` bytes at `bytes`, behind which 16 bytes are readable.
  @unsafe func code(at bytes: UnsafePointer<UInt8>, _ length: Int) -> UInt8? {
    let value = unsafe table.probe.value(of: bytes, length)
    if value >= 0 { return UInt8(value) }
    for (prefix, code) in prefixes where prefix.count < length {
      if prefix.indices.allSatisfy({ unsafe prefix[$0] == bytes[$0] }) { return code }
    }
    return nil
  }
}
