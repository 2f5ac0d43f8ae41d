/// Writes one JSON text (RFC 8259) from front to back, without building a tree.
///
/// Commas are the writer's business, the order of calls the caller's: a `key` before each value of an object, an end
/// for each begin. What it writes is always valid UTF-8 where its input is.
///
///     var json = JSONWriter()
///     json.object {
///       $0.field("orders", 310)
///       $0.key("revenue")
///       $0.decimal("9123.4000")
///     }
public struct JSONWriter: Sendable {
  /// What has been written so far.
  public private(set) var bytes: [UInt8] = []
  private var needsComma = false

  public init() {}

  /// Writes an object whose members `body` writes.
  public mutating func object<Failure: Error>(_ body: (inout JSONWriter) throws(Failure) -> Void) throws(Failure) {
    open("{")
    try body(&self)
    close("}")
  }

  /// Writes an array whose elements `body` writes.
  public mutating func array<Failure: Error>(_ body: (inout JSONWriter) throws(Failure) -> Void) throws(Failure) {
    open("[")
    try body(&self)
    close("]")
  }

  /// Starts a member of the object that is being written; its value comes next.
  public mutating func key(_ name: String) {
    separate()
    JSONText.append(name.utf8, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  /// Text that is UTF-8 already.
  public mutating func string(_ text: [UInt8]) {
    separate()
    JSONText.append(text, to: &bytes)
  }

  public mutating func string(_ text: String) {
    separate()
    JSONText.append(text.utf8, to: &bytes)
  }

  public mutating func integer(_ number: some BinaryInteger) { literal(String(number)) }

  /// The shortest text that reads back as the same number; `null` for what JSON has no number for (NaN, infinity).
  public mutating func number(_ number: Double) { literal(number.isFinite ? "\(number)" : "null") }

  /// A number that is text already, such as an amount of money, digit for digit.
  ///
  /// `text` is a JSON number; anything else is a mistake of the caller and is written as a string.
  public mutating func decimal(_ text: String) {
    let isNumber = JSONText.isNumber(Array(text.utf8))
    assert(isNumber, "'\(text)' is no JSON number")
    if isNumber { literal(text) } else { string(text) }
  }

  public mutating func boolean(_ flag: Bool) { literal(flag ? "true" : "false") }

  public mutating func null() { literal("null") }

  /// A value that is JSON already.
  public mutating func raw(_ json: some Sequence<UInt8>) {
    separate()
    bytes += json
  }

  private mutating func literal(_ text: String) {
    separate()
    bytes += text.utf8
  }

  private mutating func open(_ bracket: Unicode.Scalar) {
    separate()
    bytes.append(UInt8(ascii: bracket))
    needsComma = false
  }

  private mutating func close(_ bracket: Unicode.Scalar) {
    bytes.append(UInt8(ascii: bracket))
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }
}

extension JSONWriter {
  /// A member whose value is text, or null.
  public mutating func field(_ name: String, _ text: String?) {
    key(name)
    if let text { string(text) } else { null() }
  }

  /// A member whose value is an integer, or null.
  public mutating func field(_ name: String, _ number: (some BinaryInteger)?) {
    key(name)
    if let number { integer(number) } else { null() }
  }

  /// A member whose value is a number, or null.
  public mutating func field(_ name: String, _ value: Double?) {
    key(name)
    if let value { number(value) } else { null() }
  }

  /// A member whose value is a flag, or null.
  public mutating func field(_ name: String, _ flag: Bool?) {
    key(name)
    if let flag { boolean(flag) } else { null() }
  }
}
