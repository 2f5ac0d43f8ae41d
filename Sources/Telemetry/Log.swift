internal import Glibc

/// Log lines: a time, a level, a message that never changes, and fields for what does.
///
///     log.warning("commit was slow", ["seconds": .number(seconds), "segments": .integer(segments)])
///
/// As text: `2026-01-01T12:00:04.235Z warning commit was slow seconds=2.5 segments=12`; as JSON: one object a line. A
/// line is one line whatever is in its fields: control characters are escaped. Safe from any thread; lines that are
/// below the level are not even put together.
public struct Log: Sendable {
  public enum Level: String, Sendable, CaseIterable, Comparable {
    case debug
    case info
    case warning
    case error

    private var rank: Int {
      switch self {
      case .debug: 0
      case .info: 1
      case .warning: 2
      case .error: 3
      }
    }

    public static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }
  }

  public enum Format: String, Sendable, CaseIterable {
    case text
    case json
  }

  private let level: Level
  private let format: Format
  private let nowMilliseconds: @Sendable () -> Int64
  private let write: @Sendable ([UInt8]) -> Void

  /// Lines below `level` are left out. `nowMilliseconds` is the wall clock, `write` gets each line with its end.
  public init(
    level: Level = .info, format: Format = .text,
    nowMilliseconds: @escaping @Sendable () -> Int64 = { WallClock.nowMilliseconds() },
    write: @escaping @Sendable ([UInt8]) -> Void = { Log.writeToStandardError($0) }
  ) {
    self.level = level
    self.format = format
    self.nowMilliseconds = nowMilliseconds
    self.write = write
  }

  public func debug(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
    line(.debug, message, fields)
  }

  public func info(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
    line(.info, message, fields)
  }

  public func warning(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
    line(.warning, message, fields)
  }

  public func error(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
    line(.error, message, fields)
  }

  /// In the order in which they are written; names are made of letters, digits, `_` and `.`.
  public typealias Fields = KeyValuePairs<String, LogValue>

  private func line(_ level: Level, _ message: () -> String, _ fields: () -> Fields) {
    guard level >= self.level else { return }
    let time = WallClock.text(milliseconds: nowMilliseconds())
    switch format {
    case .text: write(Log.textLine(time, level, message(), fields()))
    case .json: write(Log.jsonLine(time, level, message(), fields()))
    }
  }

  private static func textLine(_ time: String, _ level: Level, _ message: String, _ fields: Fields) -> [UInt8] {
    var line = "\(time) \(level) \(escaped(message))"
    for (name, value) in fields {
      let text =
        switch value {
        case .text(let text): needsQuotes(text) ? quoted(text) : text
        case .integer(let number): String(number)
        case .number(let number): "\(number)"
        case .boolean(let flag): flag ? "true" : "false"
        }
      line += " \(name)=\(text)"
    }
    return Array((line + "\n").utf8)
  }

  private static func jsonLine(_ time: String, _ level: Level, _ message: String, _ fields: Fields) -> [UInt8] {
    var json = JSONWriter()
    json.object {
      $0.field("time", time)
      $0.field("level", "\(level)")
      $0.field("message", message)
      for (name, value) in fields {
        switch value {
        case .text(let text): $0.field(name, text)
        case .integer(let number): $0.field(name, number)
        case .number(let number): $0.field(name, number)
        case .boolean(let flag): $0.field(name, flag)
        }
      }
    }
    return json.bytes + [0x0A]
  }

  private static func needsQuotes(_ text: String) -> Bool {
    text.isEmpty || text.utf8.contains { $0 <= 0x20 || $0 == 0x22 || $0 == 0x3D || $0 == 0x5C || $0 == 0x7F }
  }

  private static func quoted(_ text: String) -> String {
    var json = JSONWriter()
    json.string(text)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  /// Text without quotes in which control characters are escaped.
  private static func escaped(_ text: String) -> String {
    text.utf8.contains { $0 < 0x20 } ? String(quoted(text).dropFirst().dropLast()) : text
  }

  /// Writes a line to the process' standard error, in one piece where the system allows it.
  public static func writeToStandardError(_ line: [UInt8]) {
    var written = 0
    while written < line.count {
      let count = unsafe line.withUnsafeBytes { bytes in
        // Within the array: `written` is below its count.
        unsafe Glibc.write(STDERR_FILENO, bytes.baseAddress.map { unsafe $0 + written }, bytes.count - written)
      }
      if count > 0 { written += count } else if errno != EINTR { return }
    }
  }
}
