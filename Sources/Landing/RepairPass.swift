internal import Columns
internal import Windows

/// One pass of a repair: the waiting messages of some keys, and the stored events of those keys.
///
/// Its steps, each in a file of its own, in the order in which `Repair` takes them: collect what is there, put back
/// what is not settled yet, judge what arrived, say what follows from it.
struct RepairPass {
  /// An event, known by its identity at its own event time.
  struct Occurrence: Hashable {
    let identity: Hash128
    let time: Int64
  }

  enum Origin {
    case stored(path: Int, row: UInt32)
    case arrived(batch: Int, row: UInt32)
  }

  struct Entry {
    var event: SessionEvent
    var origin: Origin
    /// Whether the sessions around it must be split again.
    var isNew: Bool
  }

  /// What is known of one key.
  final class History {
    let key: [UInt8]
    var entries: [Entry] = []
    var positions: [Occurrence: Int] = [:]
    /// The spans of time whose sessions were split again.
    var replaced: [ClosedRange<Int64>] = []

    init(key: [UInt8]) { self.key = key }

    func forgetStored() {
      entries = []
      positions = [:]
    }
  }

  /// A message that waits.
  struct Arrival {
    let batch: Int
    let row: UInt32
    let source: Int64
    let offset: Int64
    let time: Int64
    let key: Hash128
  }

  /// Messages that wait, as they are stored.
  struct Waiting {
    let events: EventBatch
    let path: String
    let firstRow: Int
  }

  let repair: Repair
  let settled: Int64
  var batches: [Waiting] = []
  var arrivals: [Arrival] = []
  var histories: [Hash128: History] = [:]
  var paths: [String] = []
  var texts = SessionTexts()
  var accepted: [Int: SelectionVector] = [:]
  /// Accepted rows that are not a copy in another's place, and so count in windows.
  var counted: [Int: SelectionVector] = [:]
  var findings = RepairFindings()

  init(repair: Repair, settled: Int64) {
    self.repair = repair
    self.settled = settled
  }
}
