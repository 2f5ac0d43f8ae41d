internal import Dispatch
internal import Query
internal import Synchronization
internal import Telemetry

/// What all exports share: a queue, a bound on how many there are, and the tables that somebody may come back for.
///
/// A table that was exported stays open for ten minutes after its last use, so that a cursor is good for as long, even
/// though the engine keeps but a few commits: its files stay on the disk meanwhile.
final class ExportDesk: Sendable {
  /// Exports at once: each holds a stretch of rows, some 100 MB where rows are long.
  static let countMax = 4
  static let leaseMinutes: UInt64 = 10
  private static let leasesMax = 4
  /// A table whose rows are merged in memory is kept only if they are not more.
  private static let heldRowsMax = 100_000

  private struct Lease {
    let table: ExportTable
    var usedNanoseconds: UInt64
  }

  /// One processor's worth of work: exports take turns, block by block.
  let queue = DispatchQueue(label: "riffle.http.export")
  private let count = Mutex(0)
  private let leases = Mutex<[Lease]>([])
  private let isSweeping = Atomic(false)

  /// The right to export, until it is let go of.
  final class Place: Sendable {
    private let desk: ExportDesk

    fileprivate init(_ desk: ExportDesk) { self.desk = desk }

    deinit { desk.count.withLock { $0 -= 1 } }
  }

  func place() throws(HTTPFailure) -> Place {
    let isFree = count.withLock { count in
      guard count < ExportDesk.countMax else { return false }
      count += 1
      return true
    }
    guard isFree else {
      throw .unavailable(
        "\(ExportDesk.countMax) exports are running, the most at once; ask again when one has ended",
        retryAfterSeconds: 10)
    }
    return Place(self)
  }

  /// Keeps `table` open for those who come back.
  func keep(_ table: ExportTable, atNanoseconds now: UInt64 = MonotonicClock.nowNanoseconds()) {
    guard table.heldRowCount <= ExportDesk.heldRowsMax else { return }
    leases.withLock { leases in
      leases.removeAll { ExportDesk.isOver($0, now) || ExportDesk.isSame($0.table, table) }
      leases.append(Lease(table: table, usedNanoseconds: now))
      if leases.count > ExportDesk.leasesMax { leases.removeFirst() }
    }
    if !isSweeping.exchange(true, ordering: .relaxed) { sweepLater() }
  }

  /// Lets go of what nobody came back for, a minute late at most.
  private func sweepLater() {
    queue.asyncAfter(deadline: .now() + .seconds(60)) { [weak self] in
      guard let self else { return }
      if dropPast() { sweepLater() } else { isSweeping.store(false, ordering: .relaxed) }
    }
  }

  /// The table of a cursor, if it is kept.
  func table(of cursor: ExportCursor, atNanoseconds now: UInt64 = MonotonicClock.nowNanoseconds()) -> ExportTable? {
    leases.withLock { leases in
      let lease = leases.first { lease in
        lease.table.request == cursor.request && lease.table.epoch == cursor.epoch
          && lease.table.incarnation == cursor.incarnation && !ExportDesk.isOver(lease, now)
      }
      return lease?.table
    }
  }

  /// Whether tables are left.
  @discardableResult
  func dropPast(atNanoseconds now: UInt64 = MonotonicClock.nowNanoseconds()) -> Bool {
    leases.withLock { leases in
      leases.removeAll { ExportDesk.isOver($0, now) }
      return !leases.isEmpty
    }
  }

  private static func isOver(_ lease: Lease, _ now: UInt64) -> Bool {
    now >= lease.usedNanoseconds + leaseMinutes * 60 * 1_000_000_000
  }

  private static func isSame(_ left: ExportTable, _ right: ExportTable) -> Bool {
    left.request == right.request && left.epoch == right.epoch && left.incarnation == right.incarnation
  }
}
