internal import Columns
internal import Commerce
internal import HotIndex
internal import Telemetry

/// The engine's numbers for Prometheus: its status, what is in memory and its load are looked at once for each scrape,
/// so that the numbers of one scrape belong together.
struct EngineMetrics {
  let status: @Sendable () -> EngineStatus
  let hot: @Sendable () -> HotSnapshot
  let load: @Sendable () -> EngineLoad
  let nowMilliseconds: @Sendable () -> Int64

  static func register(
    _ view: any EngineView, in registry: MetricRegistry, nowMilliseconds: @escaping @Sendable () -> Int64
  ) {
    let metrics = EngineMetrics(
      status: registry.oncePerScrape { view.status }, hot: registry.oncePerScrape { view.hot },
      load: registry.oncePerScrape { view.load }, nowMilliseconds: nowMilliseconds)
    metrics.registerPartitions(registry)
    metrics.registerMessages(registry)
    metrics.registerTimes(registry)
    metrics.registerState(registry)
    metrics.registerOutbox(registry)
    metrics.registerOperators(registry)
    metrics.registerLateness(registry)
    metrics.registerStore(registry)
    metrics.registerResources(registry)
    registry.histogram(
      "checkpoint_stall_seconds", "How long a barrier kept a key group from its input.", view.checkpointStalls)
    registry.histogram(
      "checkpoint_duration_seconds", "What checkpoints took, from the request to the commit.", view.checkpointDurations)
    let interval = seconds(view.job.settings.checkpointIntervalMilliseconds)
    registry.reading("checkpoint_interval_seconds", "How often a checkpoint is asked for.") { interval }
  }

  private func registerPartitions(_ registry: MetricRegistry) {
    registry.readings("partition_lag_messages", "Messages in the log that are not read yet.") {
      status().partitions.compactMap { partition in partition.lag.map { (partition.labels, Double($0)) } }
    }
    registry.readings("partition_offset", "The next offset to be read.") {
      status().partitions.map { ($0.labels, Double($0.offset)) }
    }
    registry.readings("partition_end_offset", "Behind the last message of the log, as of the latest fetch.") {
      status().partitions.compactMap { partition in partition.endOffset.map { (partition.labels, Double($0)) } }
    }
    registry.readings("partition_watermark_timestamp_seconds", "Event time of the partition's watermark.") {
      status().partitions.compactMap { partition in
        partition.shownWatermark.map { (partition.labels, Self.seconds($0)) }
      }
    }
    registry.readings(
      "partition_watermark_lag_seconds", "How far the partition's watermark is behind the wall clock."
    ) {
      let now = nowMilliseconds()
      return status().partitions.compactMap { partition in
        partition.shownWatermark.map { (partition.labels, Self.seconds(now - $0)) }
      }
    }
    registry.readings("partition_state", "1 for the state that a partition is in.") {
      status().partitions.map { ($0.labels + [MetricLabel("state", $0.state)], 1) }
    }
  }

  private func registerMessages(_ registry: MetricRegistry) {
    let counts: [(name: String, help: String, count: any KeyPath<PartitionStatus, Int64> & Sendable)] = [
      ("messages_received_total", "Messages read.", \.received),
      ("messages_accepted_total", "Messages that became events.", \.accepted),
      ("messages_duplicate_total", "Messages that were there before.", \.duplicates),
    ]
    for (name, help, count) in counts {
      registry.readings(name, help, .counter) {
        status().partitions.map { ($0.labels, Double($0[keyPath: count])) }
      }
    }
    registry.readings("messages_waiting", "Messages that wait to be judged against the stored events.") {
      status().partitions.map { ($0.labels, Double($0.waiting)) }
    }
    registry.readings("dead_letters_total", "Messages that could not become events, by reason.", .counter) {
      status().partitions.flatMap { partition in
        partition.reasons.sorted { $0.key < $1.key }.map { reason, count in
          (partition.labels + [MetricLabel("reason", reason)], Double(count))
        }
      }
    }
  }

  private func registerTimes(_ registry: MetricRegistry) {
    /// One sample, or none while the number is unknown.
    func register(_ name: String, _ help: String, _ read: @escaping @Sendable () -> Double?) {
      registry.readings(name, help) { read().map { [([], $0)] } ?? [] }
    }
    register("watermark_timestamp_seconds", "Event time of the watermark of all partitions.") {
      Completeness(status(), hot()).watermark.map(Self.seconds)
    }
    register("watermark_lag_seconds", "How far the watermark is behind the wall clock.") {
      Completeness(status(), hot()).watermark.map { Self.seconds(nowMilliseconds() - $0) }
    }
    register("event_time_lag_seconds", "How far the watermark is behind the newest event, 0 at the ends of the logs.") {
      Completeness(status(), hot()).eventTimeLagMilliseconds.map(Self.seconds)
    }
    register("commit_age_seconds", "Time since the newest commit.") {
      status().committedMilliseconds.map { Self.seconds(max(0, nowMilliseconds() - $0)) }
    }
    register("commit_duration_seconds", "What the newest commit took.") {
      status().commitDurationMilliseconds.map(Self.seconds)
    }
    register("start_timestamp_seconds", "When the engine started.") { Self.seconds(status().startedMilliseconds) }
  }

  private func registerState(_ registry: MetricRegistry) {
    registry.reading("commit_epoch", "The number of the newest commit.") { Double(status().commitEpoch) }
    registry.reading("incarnation", "How often the engine was started on its directory.") {
      Double(status().incarnation)
    }
    registry.reading("ready", "1 while the engine is ready.") { status().problems.isEmpty ? 1 : 0 }
    registry.reading("replaying", "1 while old data is read.") { status().isReplaying ? 1 : 0 }
    registry.readings("hot_windows", "Windows and groups in memory.") {
      hot().rollups.sorted { $0.key < $1.key }.map { name, rollup in
        ([MetricLabel("rollup", name)], Double(rollup.count))
      }
    }
  }

  private func registerOutbox(_ registry: MetricRegistry) {
    registry.readings("outbox_messages_total", "Messages that the brokers acknowledged.", .counter) {
      status().sinks.map { ($0.labels, Double($0.messageCount)) }
    }
    registry.readings("outbox_lag_rows", "Rows that are committed and not delivered yet.") {
      status().sinks.map { ($0.labels, Double($0.lagRows)) }
    }
    registry.readings("outbox_stuck", "1 while nothing is delivered though something could be.") {
      status().sinks.map { ($0.labels, $0.problem == nil ? 0 : 1) }
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
