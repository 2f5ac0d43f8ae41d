internal import ColdStore
internal import Columns
internal import Landing
internal import Telemetry

extension LiveEngine {
  /// Says what was merged, and what could not be.
  var logCompaction: @Sendable (CompactionNote) -> Void {
    { [log, weak self] note in
      let day = EventTime.dateText(note.dayMilliseconds)
      if let problem = note.problem {
        self?.count(error: "compaction")
        log.warning(
          "segments could not be merged; they stay as they are until the engine starts again",
          ["table": .text(note.table), "day": .text(day), "error": .text(problem)])
      } else {
        log.info(
          "segments were merged",
          [
            "table": .text(note.table), "day": .text(day), "before": .integer(Int64(note.replaced.count)),
            "after": .integer(Int64(note.added.count)),
            "bytes_before": .integer(Int64(note.replaced.reduce(0) { $0 + $1.byteCount })),
            "bytes_after": .integer(Int64(note.added.reduce(0) { $0 + $1.byteCount })),
          ])
      }
    }
  }
}
