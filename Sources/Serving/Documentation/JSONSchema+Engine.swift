internal import Columns
internal import Commerce
internal import Windows

/// What is said of the engine itself, of sessions and of funnels.
extension JSONSchema {
  private static let messageCounts = JSONSchema.object([
    "received": .count, "accepted": .count, "duplicates": .count,
    "waiting": .described("To be judged against the stored events.", .count), "dead_letters": .count,
  ])

  private static let partitionName = JSONSchema.object(["topic": .text(), "id": .count])

  static let health = JSONSchema.named(
    "Health",
    .object([
      "status": .choice(["ok", "stuck"]),
      "life_signs": .array(.object(["of": .text(), "age_ms": .count])), "uptime_ms": .count, "started": .time,
      "epoch": .epoch,
      "committed": .nullable(.described("When the newest commit was made.", .time)),
      "conservation": .object([
        "holds": .described("Whether every message is accounted for exactly once.", .boolean),
        "partitions": .array(partitionName.adding(messageCounts).adding(.object(["holds": .boolean]))),
      ]),
      "outbox": .array(
        .object([
          "name": .text(), "topic": .text(), "messages": .count, "lag_rows": .count, "delivered": .nullable(.time),
          "problem": .nullable(.text()),
        ])),
    ]))

  static let readiness = JSONSchema.named(
    "Readiness",
    .object([
      "state": .choice(["ready", "replaying", "not_ready"]), "phase": .text(), "replaying": .boolean, "epoch": .epoch,
      "reasons": .array(.text()),
    ]))

  static let sources = JSONSchema.named(
    "Sources",
    .object([
      "as_of": .asOf, "epoch": .epoch,
      "sources": .array(
        partitionName.adding(
          .object([
            "state": .text(), "offset": .integer(), "end_offset": .nullable(.integer()), "lag": .nullable(.count),
            "watermark": .nullable(.time),
          ])
        ).adding(messageCounts).adding(.object(["dead_letters_by_reason": .map(of: .count)]))),
      "completeness": .completeness,
    ]))

  /// A session as it is answered: the columns of the table of sessions, which the configuration decides.
  static func session(_ table: SessionTable) -> JSONSchema {
    let columns = table.schema.fields.flatMap { field -> [Member] in
      guard field.name == "revenue" else {
        return [Member(name: field.name, schema: .nullable(value(field.type)), isOptional: false)]
      }
      return [
        Member(name: "revenue", schema: .nullable(.number), isOptional: false),
        Member(name: "revenue_by_currency", schema: .any, isOptional: false),
      ]
    }
    return .named(
      "Session",
      JSONSchema.members(columns).adding(.object(["duration_ms": .count, "state": .choice(["open", "sealed"])])))
  }

  private static func value(_ type: ColumnType) -> JSONSchema {
    switch type {
    case .integer: .integer()
    case .time: .time
    case .boolean: .boolean
    case .string: .text()
    default: .any
    }
  }

  static func activeSessions(_ table: SessionTable) -> JSONSchema {
    .object([
      "as_of": .asOf, "epoch": .epoch, "gap_ms": .count, "count": .count, "sessions": .array(.session(table)),
      "completeness": .completeness,
    ])
  }

  static func sessionsOfOne(_ table: SessionTable) -> JSONSchema {
    .object([
      "session_id": .text(), "as_of": .asOf, "epoch": .epoch, "count": .count, "sessions": .array(.session(table)),
      "completeness": .completeness,
    ])
  }

  static let funnel = JSONSchema.named(
    "Funnel",
    .object([
      "as_of": .asOf, "from": .time, "to": .time, "window_ms": .count, "unit": .choice(["user", "session"]),
      "group_by": .nullable(.text()),
      "steps": .array(
        .members(
          [
            "step": .count, "name": .text(), "users": .count, "converted": .count, "dropped": .count,
            "pending": .count, "step_rate": .nullable(.number), "overall_rate": .nullable(.number),
            "time_to_convert_ms_p50": .nullable(.count), "time_to_convert_ms_p95": .nullable(.count),
          ].map { Member(name: $0.key, schema: $0.value, isOptional: false) },
          others: .described("With 'by': the group, under the column's name.", .nullable(.text())))),
      "epoch": .epoch, "completeness": .completeness,
    ]))

  /// What `/stream/kpis` sends as `data`.
  static let streamEvent = JSONSchema.named(
    "StreamEvent",
    .object([
      "kind": .choice(["snapshot", "change"]), "rollup": .text(), "sequence": .count, "as_of": .asOf, "epoch": .epoch,
      "count": .count, "windows": .array(.window),
      "totals": .object(["partitions": .count, "lag": .nullable(.count)]).adding(messageCounts),
      "completeness": .object([
        "watermark": .nullable(.time), "event_time_lag_ms": .nullable(.count), "epoch": .epoch,
        "provisional": .boolean, "replaying": .boolean,
      ]),
    ]))
}
