internal import Columns
internal import Commerce
internal import HotIndex
internal import Telemetry

/// The engine's numbers for Prometheus, read from its status at each scrape.
enum EngineMetrics {
  static func register(
    _ view: any EngineView, in registry: MetricRegistry, nowMilliseconds: @escaping @Sendable () -> Int64
  ) {
    registerPartitions(view, in: registry)
    registerMessages(view, in: registry)
    registerTimes(view, in: registry, nowMilliseconds)
    registerState(view, in: registry)
    registerOutbox(view, in: registry)
  }

  private static func registerPartitions(_ view: any EngineView, in registry: MetricRegistry) {
    registry.readings("partition_lag_messages", "Messages in the log that are not read yet.") {
      view.status.partitions.compactMap { partition in partition.lag.map { (partition.labels, Double($0)) } }
    }
    registry.readings("partition_offset", "The next offset to be read.") {
      view.status.partitions.map { ($0.labels, Double($0.offset)) }
    }
    registry.readings("partition_watermark_timestamp_seconds", "Event time of the partition's watermark.") {
      view.status.partitions.compactMap { partition in
        partition.shownWatermark.map { (partition.labels, seconds($0)) }
      }
    }
    registry.readings("partition_state", "1 for the state that a partition is in.") {
      view.status.partitions.map { ($0.labels + [MetricLabel("state", $0.state)], 1) }
    }
  }

  private static func registerMessages(_ view: any EngineView, in registry: MetricRegistry) {
    let counts: [(name: String, help: String, count: any KeyPath<PartitionStatus, Int64> & Sendable)] = [
      ("messages_received_total", "Messages read.", \.received),
      ("messages_accepted_total", "Messages that became events.", \.accepted),
      ("messages_duplicate_total", "Messages that were there before.", \.duplicates),
    ]
    for (name, help, count) in counts {
      registry.readings(name, help, .counter) {
        view.status.partitions.map { ($0.labels, Double($0[keyPath: count])) }
      }
    }
    registry.readings("messages_waiting", "Messages that wait to be judged against the stored events.") {
      view.status.partitions.map { ($0.labels, Double($0.waiting)) }
    }
    registry.readings("dead_letters_total", "Messages that could not become events, by reason.", .counter) {
      view.status.partitions.flatMap { partition in
        partition.reasons.sorted { $0.key < $1.key }.map { reason, count in
          (partition.labels + [MetricLabel("reason", reason)], Double(count))
        }
      }
    }
  }

  private static func registerTimes(
    _ view: any EngineView, in registry: MetricRegistry, _ nowMilliseconds: @escaping @Sendable () -> Int64
  ) {
    /// One sample, or none while the number is unknown.
    func register(_ name: String, _ help: String, _ read: @escaping @Sendable () -> Double?) {
      registry.readings(name, help) { read().map { [([], $0)] } ?? [] }
    }
    register("watermark_timestamp_seconds", "Event time of the watermark of all partitions.") {
      Completeness(view.status, view.hot).watermark.map(seconds)
    }
    register("watermark_lag_seconds", "How far the watermark is behind the wall clock.") {
      Completeness(view.status, view.hot).watermark.map { seconds(nowMilliseconds() - $0) }
    }
    register("event_time_lag_seconds", "How far the watermark is behind the newest event, 0 at the ends of the logs.") {
      Completeness(view.status, view.hot).eventTimeLagMilliseconds.map(seconds)
    }
    register("commit_age_seconds", "Time since the newest commit.") {
      view.status.committedMilliseconds.map { seconds(max(0, nowMilliseconds() - $0)) }
    }
    register("commit_duration_seconds", "What the newest commit took.") {
      view.status.commitDurationMilliseconds.map(seconds)
    }
    registry.histogram(
      "checkpoint_stall_seconds", "How long a barrier kept a key group from its input.", view.checkpointStalls)
    register("start_timestamp_seconds", "When the engine started.") { seconds(view.status.startedMilliseconds) }
  }

  private static func registerState(_ view: any EngineView, in registry: MetricRegistry) {
    registry.reading("commit_epoch", "The number of the newest commit.") { Double(view.status.commitEpoch) }
    registry.reading("incarnation", "How often the engine was started on its directory.") {
      Double(view.status.incarnation)
    }
    registry.reading("ready", "1 while the engine is ready.") { view.status.problems.isEmpty ? 1 : 0 }
    registry.reading("replaying", "1 while old data is read.") { view.status.isReplaying ? 1 : 0 }
    registry.readings("hot_windows", "Windows and groups in memory.") {
      view.hot.rollups.sorted { $0.key < $1.key }.map { name, rollup in
        ([MetricLabel("rollup", name)], Double(rollup.count))
      }
    }
  }

  private static func registerOutbox(_ view: any EngineView, in registry: MetricRegistry) {
    registry.readings("outbox_messages_total", "Messages that the brokers acknowledged.", .counter) {
      view.status.sinks.map { ($0.labels, Double($0.messageCount)) }
    }
    registry.readings("outbox_lag_rows", "Rows that are committed and not delivered yet.") {
      view.status.sinks.map { ($0.labels, Double($0.lagRows)) }
    }
    registry.readings("outbox_stuck", "1 while nothing is delivered though something could be.") {
      view.status.sinks.map { ($0.labels, $0.problem == nil ? 0 : 1) }
    }
  }

  private static func seconds(_ milliseconds: Int64) -> Double { Double(milliseconds) / 1000 }
}

extension SinkStatus {
  fileprivate var labels: [MetricLabel] { [MetricLabel("sink", name), MetricLabel("topic", topic)] }
}

extension PartitionStatus {
  fileprivate var labels: [MetricLabel] {
    [MetricLabel("topic", topic), MetricLabel("partition", String(partition))]
  }
}
