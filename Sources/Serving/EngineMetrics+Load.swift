internal import Commerce
internal import Dataflow
internal import Telemetry
internal import Windows

/// How the engine spends its time, memory and disk.
extension EngineMetrics {
  /// One series for each activity, whose rates add up to 1 for each operator, as those of `node_cpu_seconds_total` do.
  func registerOperators(_ registry: MetricRegistry) {
    registry.readings(
      "operator_time_seconds_total",
      "Time of an operator: busy, waiting for a processor, back_pressured by a slower receiver, or idle.", .counter
    ) {
      load().operators.flatMap { load in
        zip(OperatorActivity.allCases, load.seconds).map { activity, seconds in
          ([MetricLabel("operator", load.name), MetricLabel("state", activity.name)], seconds)
        }
      }
    }
    registry.readings("operator_queue_credits", "What waits before an operator, in credits of its edges.") {
      load().operators.filter { $0.queueCapacity > 0 }.map { ($0.labels, Double($0.queuedCredits)) }
    }
    registry.readings("operator_queue_limit_credits", "From here on an operator's senders are held back.") {
      load().operators.filter { $0.queueCapacity > 0 }.map { ($0.labels, Double($0.queueCapacity)) }
    }
    registry.readings("read_bytes_total", "Bytes of messages that were read, not all committed yet.", .counter) {
      [([], Double(load().readBytes))]
    }
    registry.readings("read_messages_total", "Messages that were read, not all committed yet.", .counter) {
      [([], Double(load().readMessageCount))]
    }
  }

  func registerLateness(_ registry: MetricRegistry) {
    registry.readings(
      "window_events_total",
      "Events by when they came for their window: on_time, corrected (it was closed), delta (it was final).", .counter
    ) {
      load().lateness.sorted { $0.key < $1.key }.flatMap { rollup, counts in
        [("on_time", counts.onTime), ("corrected", counts.corrected), ("delta", counts.delta)].map { outcome, count in
          ([MetricLabel("rollup", rollup), MetricLabel("outcome", outcome)], Double(count))
        }
      }
    }
    registry.readings(
      "repaired_events_total", "Events too late to be judged from memory that were accepted from the store.", .counter
    ) { [([], Double(load().repairedEventCount))] }
  }

  func registerStore(_ registry: MetricRegistry) {
    let tables: [(name: String, help: String, value: @Sendable (EngineLoad.Table) -> Int64)] = [
      ("table_rows", "Rows of a table at the newest commit.", { $0.rowCount }),
      ("table_deleted_rows", "Rows that are not visible any more and still take room.", { $0.deletedRowCount }),
      ("table_segments", "Segments of a table.", { Int64($0.segmentCount) }),
      ("table_segment_bytes", "Bytes of a table's segments.", { $0.segmentBytes }),
      ("table_tail_bytes", "Bytes of a table's newest file, which is still written to.", { $0.tailBytes }),
    ]
    for (name, help, value) in tables {
      registry.readings(name, help) {
        load().tables.map { ([MetricLabel("table", $0.name)], Double(value($0))) }
      }
    }
    registry.reading("state_bytes", "Bytes of operators' states at the newest commit.") { Double(load().stateBytes) }
    registry.reading("merges_waiting", "Days of tables that have segments to be merged.") {
      Double(load().waitingMergeCount)
    }
  }

  func registerResources(_ registry: MetricRegistry) {
    registry.readings("errors_total", "What went wrong and was survived, by where.", .counter) {
      load().errors.sorted { $0.key < $1.key }.map { ([MetricLabel("where", $0.key)], Double($0.value)) }
    }
    registry.reading("broker_connected", "1 while a broker answers.") { load().isBrokerConnected ? 1 : 0 }
    registry.readings("memory_limit_bytes", "Configured bounds of memory, by what they bound.") {
      load().memoryLimitBytes.sorted { $0.key < $1.key }.map { ([MetricLabel("of", $0.key)], Double($0.value)) }
    }
    registry.readings("disk_available_bytes", "Room on the disk of the data directory.") {
      load().diskAvailableBytes.map { [([], Double($0))] } ?? []
    }
    registry.readings("disk_size_bytes", "Size of the disk of the data directory.") {
      load().diskTotalBytes.map { [([], Double($0))] } ?? []
    }
  }
}

extension OperatorLoad {
  fileprivate var labels: [MetricLabel] { [MetricLabel("operator", name)] }
}
