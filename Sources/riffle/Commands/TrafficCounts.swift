import Shoppers
import Telemetry

/// How many lines of each kind were written.
struct TrafficCounts {
  private(set) var lines = 0
  private var events = 0
  private var duplicates = 0
  private var farDuplicates = 0
  private var malformed = 0
  /// Malformed lines by what is wrong with them.
  private var reasons: [Damage: Int] = [:]

  mutating func add(_ kind: TrafficLine.Kind) {
    lines += 1
    switch kind {
    case .event: events += 1
    case .duplicate: duplicates += 1
    case .farDuplicate: farDuplicates += 1
    case .malformed(let damage):
      malformed += 1
      reasons[damage, default: 0] += 1
    }
  }

  var members: [(name: String, json: String)] {
    let byReason = Damage.allCases.compactMap { damage in
      reasons[damage].map { (name: damage.rawValue, json: "\($0)") }
    }
    return [
      ("lines", "\(lines)"), ("events", "\(events)"), ("duplicates", "\(duplicates)"),
      ("far_duplicates", "\(farDuplicates)"), ("malformed", "\(malformed)"), ("reasons", JSONText.object(byReason)),
    ]
  }
}
