internal import Columns

/// Judges the events of one batch: which count, which wait for the repair step, which are duplicates.
///
/// The copy that stays is the first offset of a partition, and of several partitions the lowest. O(1) an event; the
/// columns are looked up once a batch.
struct EventJudge {
  /// What became of a selection of rows.
  struct Judged {
    var accepted: SelectionVector = []
    var waiting: SelectionVector = []
    /// Those of `waiting` whose copy took the place of another one in the set.
    var replacing: SelectionVector = []
    var counts = SourceCounts()
  }

  private enum Verdict {
    case accept
    case wait
    /// An equal copy from a lower partition takes the other's place; the repair step swaps them where they are stored.
    case replace
    case drop(isConflict: Bool)
  }

  private let events: EventBatch
  private let admissibleLateness: Int64
  private let horizon: Int64
  private let sealedThrough: Int64

  init(_ events: EventBatch, plan: KeyedPlan, sealedThrough: Int64) {
    self.events = events
    self.sealedThrough = sealedThrough
    admissibleLateness = plan.admissibleLatenessMilliseconds
    horizon = plan.deduplicationHorizonMilliseconds
  }

  func judge(_ rows: SelectionVector, known: inout DeduplicationSet) -> Judged {
    var judged = Judged()
    judged.accepted.reserveCapacity(rows.count)
    var typeCounts = [Int64](repeating: 0, count: 64)
    known.makeOwn()
    // First the slots of all, each a cache miss, in a loop of their own: the processor waits for several at a time.
    let slots = rows.map { known.slot(of: events.identities[Int($0)]) }
    let generation = known.generation
    for (selected, slot) in zip(rows, slots) {
      let row = Int(selected)
      switch judge(row, slot: known.generation == generation ? slot : nil, known: &known) {
      case .accept:
        judged.accepted.append(selected)
        typeCounts[Int(events.types[row] & 63)] += 1
      case .wait: judged.waiting.append(selected)
      case .replace:
        judged.waiting.append(selected)
        judged.replacing.append(selected)
      case .drop(let isConflict):
        judged.counts.duplicates += 1
        if isConflict { judged.counts.identifierConflicts += 1 }
      }
    }
    judged.counts.accepted = Int64(judged.accepted.count)
    judged.counts.waiting = Int64(judged.waiting.count)
    for (type, count) in typeCounts.enumerated() where count > 0 { judged.counts.types[UInt8(type)] = count }
    return judged
  }

  @inline(__always)
  private func judge(_ row: Int, slot earlier: DeduplicationSet.Slot?, known: inout DeduplicationSet) -> Verdict {
    let time = events.times[row]
    let watermark = events.watermarks[row]
    guard time >= saturatingAdd(watermark, -admissibleLateness), time > sealedThrough else { return .wait }
    let identity = events.identities[row]
    let copy = events.firstCopy(row)
    let slot = known.slot(of: identity, from: earlier)
    guard let first = known.copy(of: identity, at: slot), first.time >= saturatingAdd(watermark, -horizon) else {
      known.put(copy, for: identity, at: slot)
      return .accept
    }
    let isSame = first.contentHash == copy.contentHash && first.time == copy.time
    guard isSame, copy.source < first.source else { return .drop(isConflict: !isSame) }
    known.put(copy, for: identity, at: slot)
    return .replace
  }
}
