internal import Commerce
internal import HotIndex
internal import Telemetry

extension EngineRoutes {
  /// Who has not given a sign of life for so long is stuck: nothing that the engine does keeps it that long.
  private static let stuckMilliseconds: Int64 = 60_000

  var health: [Route] {
    [
      Route(
        .get, "/health",
        "Whether the process and its threads work (else 503), and whether every message is accounted for.",
        scope: nil
      ) { _ in
        .now(healthAnswer())
      }.answering(.json("It works.", .health), .json("A thread of it is stuck.", .health, status: 503)),
      Route(.get, "/ready", "Whether the engine can do its work: 200, or 503 with the reasons.", scope: nil) { _ in
        .now(readyAnswer())
      }.answering(.json("It can.", .readiness), .json("It cannot, and why.", .readiness, status: 503)),
      Route(.get, "/metrics", "All metrics in Prometheus' text format.") { [registry, metricsQueue] _ in
        .later(on: metricsQueue) { .text(registry.exposition(), contentType: Exposition.contentType) }
      }.answering(.text("text/plain", "Prometheus' text format.")),
      Route(.get, "/sources", "The partitions: how far they are read, and what became of their messages.") { _ in
        .now(sourcesAnswer())
      }.answering(.json("All partitions.", .sources)),
    ]
  }

  private func healthAnswer() -> HTTPResponse {
    let (status, hot) = (view.status, view.hot)
    let isStuck = status.lifeSigns.contains { $0.ageMilliseconds > EngineRoutes.stuckMilliseconds }
    return .json(status: isStuck ? 503 : 200) { json in
      json.object { json in
        json.field("status", isStuck ? "stuck" : "ok")
        json.key("life_signs")
        json.array { json in
          for sign in status.lifeSigns {
            json.object {
              $0.field("of", sign.name)
              $0.field("age_ms", sign.ageMilliseconds)
            }
          }
        }
        json.field("uptime_ms", max(0, nowMilliseconds() - status.startedMilliseconds))
        json.field("started", WallClock.text(milliseconds: status.startedMilliseconds))
        json.field("epoch", Completeness.epoch(status, hot))
        json.field("committed", status.committedMilliseconds.map { WallClock.text(milliseconds: $0) })
        json.key("conservation")
        json.object { json in
          json.field("holds", status.partitions.allSatisfy(\.isConserved))
          json.key("partitions")
          json.array { json in
            for partition in status.partitions {
              json.object {
                partition.writeName(to: &$0)
                partition.writeCounts(to: &$0)
                $0.field("holds", partition.isConserved)
              }
            }
          }
        }
        json.key("outbox")
        json.array { json in
          for sink in status.sinks { json.object { sink.write(to: &$0) } }
        }
      }
    }
  }

  private func readyAnswer() -> HTTPResponse {
    let (status, hot) = (view.status, view.hot)
    let isReady = status.problems.isEmpty
    var response = HTTPResponse.json(status: isReady ? 200 : 503) { json in
      json.object { json in
        json.field("state", isReady ? status.isReplaying ? "replaying" : "ready" : "not_ready")
        json.field("phase", status.phase.rawValue)
        json.field("replaying", status.isReplaying)
        json.field("epoch", Completeness.epoch(status, hot))
        json.key("reasons")
        json.array { json in status.problems.forEach { json.string($0) } }
      }
    }
    if !isReady { response.headers.append("Retry-After", "5") }
    return response
  }

  private func sourcesAnswer() -> HTTPResponse {
    let (status, hot) = (view.status, view.hot)
    let completeness = Completeness(status, hot)
    return .json { json in
      json.object { json in
        json.field("as_of", time: hot.now)
        json.field("epoch", completeness.epoch)
        json.key("sources")
        json.array { json in
          for partition in status.partitions { json.object { partition.writeAll(to: &$0) } }
        }
        completeness.write(isProvisional: !completeness.hasEnded, to: &json)
      }
    }
  }
}

extension SinkStatus {
  fileprivate func write(to json: inout JSONWriter) {
    json.field("name", name)
    json.field("topic", topic)
    json.field("messages", messageCount)
    json.field("lag_rows", lagRows)
    json.field("delivered", deliveredMilliseconds.map { WallClock.text(milliseconds: $0) })
    json.field("problem", problem)
  }
}

extension PartitionStatus {
  fileprivate func writeName(to json: inout JSONWriter) {
    json.field("topic", topic)
    json.field("id", partition)
  }

  fileprivate func writeCounts(to json: inout JSONWriter) {
    json.field("received", received)
    json.field("accepted", accepted)
    json.field("duplicates", duplicates)
    json.field("waiting", waiting)
    json.field("dead_letters", deadLetters)
  }

  fileprivate func writeAll(to json: inout JSONWriter) {
    writeName(to: &json)
    json.field("state", state)
    json.field("offset", offset)
    json.field("end_offset", endOffset)
    json.field("lag", lag)
    json.field("watermark", time: shownWatermark)
    writeCounts(to: &json)
    json.key("dead_letters_by_reason")
    json.object { json in
      for (reason, count) in reasons.sorted(by: { $0.key < $1.key }) { json.field(reason, count) }
    }
  }
}
