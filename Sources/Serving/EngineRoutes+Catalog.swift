internal import Columns
internal import Commerce
internal import Query
internal import Telemetry
internal import Windows

extension EngineRoutes {
  /// What there is to ask for: tables and metrics.
  var catalogs: [Route] { [catalog, metricsDictionary] }

  private var catalog: Route {
    Route(.get, "/catalog", "The tables of the newest commit: columns with types, rows, bytes, segments, days.") {
      request in
      scanned(request, .committed) { snapshot in
        let catalog = try Catalog(snapshot, job: view.job)
        var json = JSONWriter()
        writeRead(snapshot, asOf: try snapshot.asOf(), to: &json) { json in
          json.field("commit", catalog.epoch)
          json.key("tables")
          json.array { json in
            for table in catalog.tables { json.object { EngineRoutes.write(table, to: &$0) } }
          }
        }
        return json.bytes
      }
    }.answering(.json("All tables.", .catalog), .problem(503, "Nothing is committed yet."))
  }

  private static func write(_ table: Catalog.Table, to json: inout JSONWriter) {
    json.field("name", table.name)
    json.field("stored_rows", table.storedRowCount)
    json.field("bytes", table.byteCount)
    json.field("segments", table.segmentCount)
    json.field("minimum_time", time: table.minimumTime)
    json.field("maximum_time", time: table.maximumTime)
    json.key("days")
    json.array { json in
      for day in table.days { json.string(EventTime.dateText(day)) }
    }
    json.key("columns")
    json.array { json in
      for column in table.columns {
        json.object { json in
          json.field("name", column.name)
          json.field("type", column.type)
        }
      }
    }
  }

  private var metricsDictionary: Route {
    Route(.get, "/metrics-dictionary", "What every KPI is: formula, unit, and how it is aggregated.") { _ in
      let sources = MeasureSources(view.job)
      return .now(
        .json { json in
          json.object { json in
            json.key("metrics")
            json.array { json in
              for definition in KpiDefinition.all {
                json.object { json in
                  json.field("name", definition.name)
                  json.field("formula", definition.formulaText(sources.text))
                  json.field("unit", definition.unit)
                  json.field("additive", definition.isAdditive)
                  json.field("aggregation", definition.aggregation)
                }
              }
            }
            json.key("rollups")
            json.array { json in
              for rollup in view.job.rollupTables.map(\.rollup) {
                json.object { json in
                  json.field("name", rollup.name)
                  json.field("windows", "\(rollup.shape)")
                  json.key("group_by")
                  json.array { json in rollup.groupBy.forEach { json.string($0) } }
                }
              }
            }
          }
        })
    }.answering(.json("All metrics and rollups.", .metricsDictionary))
  }
}

/// What measures are of, in words.
private struct MeasureSources {
  private let measures: [Measure]
  private let typeNames: [String]

  init(_ job: Job) {
    // All rollups measure the same.
    measures = job.rollupTables.first?.rollup.measures ?? []
    typeNames = job.settings.typeNames
  }

  /// `page_view events`, `sessions (session_id, else user_id, …) of all events`.
  func text(_ name: String) -> String {
    guard let measure = measures.first(where: { $0.name == name }) else { return "'\(name)', which no rollup measures" }
    let things: String
    switch measure.kind {
    case .count, .amount: return events(measure.types)
    case .distinct(.session): things = "session keys (session_id, else user_id, else event_id)"
    case .distinct(.user): things = "user keys (user_id, else the session key)"
    case .distinct(.order): things = "orders (order_id, else the event itself)"
    }
    return "\(things) of \(events(measure.types))"
  }

  private func events(_ types: TypeMask) -> String {
    guard types != .all else { return "all events" }
    let names = typeNames.enumerated().filter { types.contains(code: UInt8($0.offset)) }.map(\.element)
    return names.isEmpty ? "events of a type that is not configured" : "\(names.joined(separator: ", ")) events"
  }
}
