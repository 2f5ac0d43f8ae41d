/// How far a long command is: bytes or events done of all, events per second, time left. A pure state machine over the
/// clock that it is handed; `show` draws it where a person watches.
struct ProgressBar {
  /// At most ten redraws a second.
  static let redrawMilliseconds: Int64 = 100

  private let bytesTotal: Int64
  private let eventsTotal: Int64
  private let startMilliseconds: Int64
  private let isVisible: Bool
  private var nextRedrawMilliseconds: Int64
  private var lastLength = 0

  /// - Parameters:
  ///   - bytesTotal: All that is to be read; 0 where it is unknown.
  ///   - eventsTotal: All that is to be written; it tells the share where bytes do not.
  ///   - nowMilliseconds: A monotonic clock.
  ///   - isVisible: Whether to draw at all.
  init(
    bytesTotal: Int64, eventsTotal: Int64 = 0, nowMilliseconds: Int64, isVisible: Bool = Terminal.isInteractive
  ) {
    self.bytesTotal = bytesTotal
    self.eventsTotal = eventsTotal
    self.startMilliseconds = nowMilliseconds
    self.isVisible = isVisible
    self.nextRedrawMilliseconds = nowMilliseconds
  }

  /// Draws the bar on standard error, unless it was drawn less than `redrawMilliseconds` ago.
  mutating func show(bytesDone: Int64, events: Int64, nowMilliseconds: Int64) {
    if let text = redraw(bytesDone: bytesDone, events: events, nowMilliseconds: nowMilliseconds) { Terminal.draw(text) }
  }

  /// Clears the line, so that what follows starts at its beginning.
  mutating func finish() {
    if isVisible, lastLength > 0 { Terminal.draw("\r" + String(repeating: " ", count: lastLength) + "\r") }
    lastLength = 0
  }

  /// What to write to the terminal now; nil where the bar is fresh enough or nobody watches.
  mutating func redraw(bytesDone: Int64, events: Int64, nowMilliseconds: Int64) -> String? {
    guard isVisible, nowMilliseconds >= nextRedrawMilliseconds else { return nil }
    nextRedrawMilliseconds = nowMilliseconds + Self.redrawMilliseconds
    let text = line(bytesDone: bytesDone, events: events, nowMilliseconds: nowMilliseconds)
    let blanks = String(repeating: " ", count: max(0, lastLength - text.count))
    lastLength = text.count
    return "\r" + text + blanks
  }

  /// `[=======>            ]  37%  1.2 GiB of 3.3 GiB  1450000 events/s  12 s left`
  func line(bytesDone: Int64, events: Int64, nowMilliseconds: Int64) -> String {
    let elapsedMilliseconds = max(1, nowMilliseconds - startMilliseconds)
    let share = share(bytesDone: bytesDone, events: events)
    let eventsPerSecond = Int64(Double(events) * 1000 / Double(elapsedMilliseconds))
    var parts: [String] = []
    if bytesTotal > 0 || eventsTotal > 0 { parts.append(Self.bar(share) + " \(Int(share * 100))%") }
    let total = bytesTotal > 0 ? " of \(SizeText.approximate(bytesTotal))" : ""
    parts.append(SizeText.approximate(bytesDone) + total)
    parts.append("\(eventsPerSecond) events/s")
    if share > 0, share < 1 {
      let secondsLeft = Int64((Double(elapsedMilliseconds) * (1 - share) / share / 1000).rounded(.up))
      parts.append(Self.clock(seconds: secondsLeft) + " left")
    }
    return parts.joined(separator: "  ")
  }

  private func share(bytesDone: Int64, events: Int64) -> Double {
    if bytesTotal > 0 { return min(1, Double(bytesDone) / Double(bytesTotal)) }
    return eventsTotal > 0 ? min(1, Double(events) / Double(eventsTotal)) : 0
  }

  private static func bar(_ share: Double) -> String {
    let width = 20
    let filled = Int(share * Double(width))
    let head = filled < width ? ">" : ""
    return "[" + String(repeating: "=", count: filled) + head
      + String(repeating: " ", count: width - filled - head.count) + "]"
  }

  private static func clock(seconds: Int64) -> String {
    if seconds < 60 { return "\(seconds) s" }
    if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
    return "\(seconds / 3600) h \(seconds / 60 % 60) min"
  }
}
