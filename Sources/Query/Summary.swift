internal import Checkpoints
internal import Columns
public import Commerce
internal import HotIndex
internal import Landing
internal import Windows

/// What a run came to, in one line of JSON: messages by their fate, events by type, windows, sessions, revenue, funnel.
public enum Summary {
  /// The summary of everything in `snapshot`.
  public static func json(_ snapshot: Snapshot, job: Job) throws -> String {
    let sources = snapshot.commit.sources
    func total(_ count: (SourceState) -> Int64) -> Int64 { sources.reduce(0) { $0 + count($1) } }
    var reasons: [String: Int64] = [:]
    var types: [String: Int64] = [:]
    for source in sources {
      reasons.merge(source.reasons, uniquingKeysWith: +)
      for (name, count) in source.counters where name.hasPrefix(SourceState.typePrefix) && count != 0 {
        types[String(name.dropFirst(SourceState.typePrefix.count)), default: 0] += count
      }
    }
    let sessions = try SessionCounts(snapshot, job: job)
    var members = [
      ("received", "\(total(\.received))"), ("accepted", "\(total(\.accepted))"),
      ("duplicates", "\(total(\.duplicates))"), ("dead_letters", "\(total(\.deadLetters))"),
      ("reasons", object(reasons)), ("types", object(types)),
    ]
    let waiting = total(\.waiting)
    if waiting > 0 { members.append(("waiting", "\(waiting)")) }
    if let rollup = job.rollupTables.first?.rollup.name {
      let windows = try KpiRows(snapshot, job: job, rollup: rollup)
      members.append(("windows", "\(windows.windows.count)"))
      members += revenue(windows, job.rollupTables[0].rollup)
    }
    members.append(("sessions", "\(sessions.count)"))
    members.append(("session_funnel", funnel(sessions.reached, steps: job.settings.funnelSteps)))
    return "{" + members.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}"
  }

  /// The revenue of all windows: their sum if it is of one currency, else each currency's.
  private static func revenue(_ rows: KpiRows, _ rollup: Rollup) -> [(String, String)] {
    guard case .tumbling = rollup.shape else { return [] }
    var sum = MoneyByCurrency()
    for window in rows.windows {
      let numbers = KpiNumbers(rows.hotWindow(window), rollup.measures)
      for part in numbers.amounts("revenue") { sum.add(part.amount, currency: part.currency) }
    }
    guard let single = sum.single else {
      let byCurrency = sum.entries.map {
        "\"\(String(decoding: $0.currency, as: UTF8.self))\": \"\(Money.text($0.amount))\""
      }
      return [("revenue", "null"), ("revenue_by_currency", "{" + byCurrency.joined(separator: ", ") + "}")]
    }
    return [("revenue", "\"\(Money.text(single))\"")]
  }

  private static func funnel(_ reached: [Int64], steps: [String]) -> String {
    let members = zip(steps, reached).filter { $0.1 > 0 }
    return "{" + members.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}"
  }

  private static func object(_ counts: [String: Int64]) -> String {
    "{" + counts.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ") + "}"
  }
}
