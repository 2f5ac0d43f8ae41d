import Foundation

/// What `benchmarks recovery` has found.
struct RecoveryReport {
  /// Stalls beside `rate` events a second.
  struct Stalls {
    let rate: Int
    let reading: StallReading
    let load: Double
  }

  struct Recovery {
    let answerMilliseconds: Double
    let epoch: String
    /// Until the state was restored, and reading went on.
    let restoredMilliseconds: Double
    let restoredCPUSeconds: Double
    let caughtUpMilliseconds: Double
    let caughtUpCPUSeconds: Double
    let load: Double
  }

  let options: RecoveryOptions
  var stalls: [Stalls] = []
  var recoveries: [Recovery] = []
  /// `run --once` with a checkpoint every 5 s, and with none before the end.
  var checkpointed: [ChildProcess] = []
  var unchecked: [ChildProcess] = []

  /// What checkpoints cost, as a share of the time without: of wall time and of CPU time.
  var cost: (wall: Double, cpu: Double) {
    let (with, without) = (RunMedians(checkpointed), RunMedians(unchecked))
    return (with.wallSeconds / without.wallSeconds - 1, with.cpuSeconds / without.cpuSeconds - 1)
  }

  var table: String {
    let stallRows = stalls.map { stall in
      ["\(stall.rate)", stall.reading.count.text(decimals: 0)]
        + [0.5, 0.99, 1].map { "<= " + stall.reading.milliseconds($0).text(decimals: 1) }
        + [stall.load.text(decimals: 1)]
    }
    let recoveryRows = recoveries.map { recovery in
      [
        recovery.epoch, recovery.answerMilliseconds.text(decimals: 0),
        "\(recovery.restoredMilliseconds.text(decimals: 0)) (\(recovery.restoredCPUSeconds.text(decimals: 2)))",
        "\(recovery.caughtUpMilliseconds.text(decimals: 0)) (\(recovery.caughtUpCPUSeconds.text(decimals: 2)))",
        recovery.load.text(decimals: 1),
      ]
    }
    let costRows = [("every 5 s", checkpointed), ("at the end alone", unchecked)].map { name, runs in
      let medians = RunMedians(runs)
      return [name, medians.wallSeconds.text(decimals: 2), medians.cpuSeconds.text(decimals: 2)]
    }
    return """
      stalls of key groups with \(options.sessions) sessions open, a checkpoint every \(options.interval) s

      \(Output.align([["events/s", "stalls", "p50 ms", "p99 ms", "most ms", "load"]] + stallRows))

      recovery with \(options.sessions) sessions open and \(options.backlog) events of backlog, from the start

      \(Output.align([["epoch", "first answer ms", "restored ms (CPU s)", "caught up ms (CPU s)", "load"]] + recoveryRows))

      riffle run --once on the whole topic, medians of \(options.runs)

      \(Output.align([["checkpoints", "wall s", "CPU s"]] + costRows))

      checkpoints every 5 s cost \((cost.wall * 100).text(decimals: 1)) % of wall time, \
      \((cost.cpu * 100).text(decimals: 1)) % of CPU time
      """
  }

  var json: [String: Any] {
    [
      "sessions": options.sessions, "interval_s": options.interval, "backlog": options.backlog,
      "stalls": stalls.map { stall -> [String: Any] in
        [
          "rate": stall.rate, "count": stall.reading.count, "load": stall.load.rounded(decimals: 1),
          "p50_ms_at_most": stall.reading.milliseconds(0.5), "p99_ms_at_most": stall.reading.milliseconds(0.99),
          "max_ms_at_most": "\(stall.reading.milliseconds(1))",
        ]
      },
      "recoveries": recoveries.map { recovery -> [String: Any] in
        [
          "epoch": recovery.epoch, "first_answer_ms": recovery.answerMilliseconds.rounded(decimals: 0),
          "restored_ms": recovery.restoredMilliseconds.rounded(decimals: 0),
          "restored_cpu_s": recovery.restoredCPUSeconds.rounded(decimals: 2),
          "caught_up_ms": recovery.caughtUpMilliseconds.rounded(decimals: 0),
          "caught_up_cpu_s": recovery.caughtUpCPUSeconds.rounded(decimals: 2),
          "load": recovery.load.rounded(decimals: 1),
        ]
      },
      "checkpoint_cost_wall": cost.wall.rounded(decimals: 3), "checkpoint_cost_cpu": cost.cpu.rounded(decimals: 3),
    ]
  }
}
