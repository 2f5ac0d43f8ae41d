import Foundation

/// A demo at one moment.
struct DemoSample {
  let seconds: Double
  let residentMegabytes: Double
  let cpuSeconds: Double
  let diskMegabytes: Double
  /// Messages in the log that are not read.
  let lag: Double
  /// Read, by offsets: also what no commit has yet.
  let offset: Double
  /// As of the newest commit, like the counts that follow.
  let received: Double
  let duplicates: Double
  let deadLetters: Double
  /// Messages that wait to be judged against the stored events.
  let waiting: Double
  /// How far the watermark is behind the newest event.
  let eventTimeLagSeconds: Double
  /// How far it is behind the wall clock.
  let watermarkLagSeconds: Double
  let commitSeconds: Double
  let commitEpoch: Double
  /// Windows that HTTP answers from memory.
  let hotWindows: Double

  init(seconds: Double, metrics: Metrics, use: ProcessUse, diskMegabytes: Double) {
    self.seconds = seconds
    self.diskMegabytes = diskMegabytes
    residentMegabytes = use.residentMegabytes
    cpuSeconds = use.cpuSeconds
    lag = metrics("partition_lag_messages")
    offset = metrics("partition_offset")
    received = metrics("messages_received_total")
    duplicates = metrics("messages_duplicate_total")
    deadLetters = metrics("dead_letters_total")
    waiting = metrics("messages_waiting")
    eventTimeLagSeconds = metrics("event_time_lag_seconds")
    watermarkLagSeconds = metrics("watermark_lag_seconds")
    commitSeconds = metrics("commit_duration_seconds")
    commitEpoch = metrics("commit_epoch")
    hotWindows = metrics("hot_windows")
  }

  static let header =
    "    s  events/s      read  lag msgs  RSS MB  disk MB  cores  commit s  event lag s  behind h  waiting  dead"

  /// One line of the log, with the rates since the sample before.
  func line(since before: DemoSample) -> String {
    let elapsed = seconds - before.seconds
    let cells = [
      (seconds.text(decimals: 0), 5), (((offset - before.offset) / elapsed).text(decimals: 0), 9),
      (offset.text(decimals: 0), 9), (lag.text(decimals: 0), 9), (residentMegabytes.text(decimals: 0), 7),
      (diskMegabytes.text(decimals: 0), 8), (((cpuSeconds - before.cpuSeconds) / elapsed).text(decimals: 2), 6),
      (commitSeconds.text(decimals: 2), 9), (eventTimeLagSeconds.text(decimals: 1), 12),
      ((watermarkLagSeconds / 3600).text(decimals: 2), 9), (waiting.text(decimals: 0), 8),
      (deadLetters.text(decimals: 0), 5),
    ]
    return cells.map { text, width in String(repeating: " ", count: max(0, width - text.count)) + text }
      .joined(separator: " ")
  }
}
