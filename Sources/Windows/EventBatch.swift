public import Columns

/// A decoded batch of events with what the keyed operators need of each row, computed once by the lane.
///
/// Shared by all key groups: a lane routes by passing this batch and a selection of its rows.
public final class EventBatch: Sendable {
  public let batch: Batch
  public let layout: EventLayout
  /// The partition that each row comes from, as the commit numbers it.
  public let sources: ColumnBuffer<Int64>
  public let offsets: ColumnBuffer<Int64>
  public let times: ColumnBuffer<Int64>
  public let types: ColumnBuffer<UInt8>
  /// A hash of the message's bytes: two copies of one event that differ here differ in content.
  public let contentHashes: ColumnBuffer<UInt64>
  /// The session key, hashed; 128 bits stand for the key itself.
  public let sessionHashes: ColumnBuffer<Hash128>
  /// Session key and event identifier: what makes two events the same.
  public let identities: ColumnBuffer<Hash128>
  public let userHashes: ColumnBuffer<UInt64>
  public let orderHashes: ColumnBuffer<UInt64>
  /// The partition's watermark at the row itself, evaluated per row and so a function of the log alone.
  public let watermarks: ColumnBuffer<Int64>
  /// Price × quantity in ten-thousandths; quantity absent is one, price absent is nothing.
  public let amounts: ColumnBuffer<Int64>
  /// `murmur2(session key)`, which picks the key group.
  public let partitionHashes: ColumnBuffer<UInt32>
  /// Rows whose amount is beyond what money can hold; their amount here is zero.
  public let overflowedRows: SelectionVector
  private let mode: SessionMode

  /// Derives the facts of every row of `batch`, in row order. O(bytes of keys).
  ///
  /// - Parameters:
  ///   - types: the type code of each row.
  ///   - watermark: the partition's watermark before the first row, moved past the last; nil for rows read back.
  ///   - isFuture: whether each row's time lies too far after its arrival to move the watermark; nil if none does.
  public init(
    _ batch: Batch, layout: EventLayout, mode: SessionMode, types: ColumnBuffer<UInt8>,
    contentHashes: ColumnBuffer<UInt64>, watermark: inout PartitionWatermark?, isFuture: [Bool]? = nil
  ) {
    self.batch = batch
    self.layout = layout
    self.mode = mode
    sources = batch.integers(layout.source).values
    offsets = batch.integers(layout.offset).values
    self.types = types
    self.contentHashes = contentHashes
    times = batch.integers(layout.eventTime).values
    let keys = KeyHashes(batch, layout: layout, mode: mode)
    sessionHashes = keys.sessions
    identities = keys.identities
    userHashes = keys.users
    orderHashes = keys.orders
    partitionHashes = keys.partitions
    (amounts, overflowedRows) = EventBatch.amounts(of: batch, layout: layout)
    watermarks = EventBatch.watermarks(of: times, isFuture: isFuture, advancing: &watermark)
  }

  public var rowCount: Int { batch.rowCount }

  /// The bytes of `row`'s session key.
  public func sessionKey(_ row: Int) -> [UInt8] {
    Array(copying: batch.strings(keyColumn(row)).bytes(row))
  }

  /// Where `row` has its session key.
  func keyColumn(_ row: Int) -> Int {
    if mode == .given, batch.strings(layout.session).views[row].length > 0 { return layout.session }
    return batch.strings(layout.user).views[row].length > 0 ? layout.user : layout.eventIdentifier
  }

  private static func amounts(of batch: Batch, layout: EventLayout) -> (ColumnBuffer<Int64>, SelectionVector) {
    let prices = batch.integers(layout.price)
    let quantities = batch.integers(layout.quantity)
    var amounts = [Int64](repeating: 0, count: batch.rowCount)
    var overflowed: SelectionVector = []
    for row in 0..<batch.rowCount {
      guard let price = prices[row] else { continue }
      guard let quantity = quantities[row] else {
        amounts[row] = price
        continue
      }
      // Whole quantities are the rule; a 128-bit division is not needed for them.
      let (whole, overflow) =
        quantity % Money.scale == 0 ? price.multipliedReportingOverflow(by: quantity / Money.scale) : (0, true)
      if let amount = overflow ? Money.multiply(price, quantity) : whole {
        amounts[row] = amount
      } else {
        overflowed.append(UInt32(row))
      }
    }
    return (ColumnBuffer(amounts), overflowed)
  }

  private static func watermarks(
    of times: ColumnBuffer<Int64>, isFuture: [Bool]?, advancing watermark: inout PartitionWatermark?
  ) -> ColumnBuffer<Int64> {
    guard var partition = watermark else {
      return ColumnBuffer([Int64](repeating: EventTime.distantPast, count: times.count))
    }
    var watermarks = [Int64](repeating: EventTime.distantPast, count: times.count)
    for row in 0..<times.count {
      partition.observe(times[row], isFuture: isFuture?[row] ?? false)
      watermarks[row] = partition.lateness
    }
    watermark = partition
    return ColumnBuffer(watermarks)
  }
}

/// Some rows of a shared batch, ascending.
public struct EventSlice: Sendable {
  public let events: EventBatch
  public let rows: SelectionVector

  public init(events: EventBatch, rows: SelectionVector) {
    self.events = events
    self.rows = rows
  }
}

/// The hashed keys of a batch's rows.
private struct KeyHashes {
  let sessions: ColumnBuffer<Hash128>
  let identities: ColumnBuffer<Hash128>
  let users: ColumnBuffer<UInt64>
  let orders: ColumnBuffer<UInt64>
  let partitions: ColumnBuffer<UInt32>

  /// Separates the hashes of users, orders and sessions, so that equal texts do not meet.
  private static let userSeed: UInt64 = 0x7573_6572
  private static let orderSeed: UInt64 = 0x6F72_6465

  init(_ batch: Batch, layout: EventLayout, mode: SessionMode) {
    let rowCount = batch.rowCount
    let sessionColumn = batch.strings(layout.session)
    let userColumn = batch.strings(layout.user)
    let orderColumn = batch.strings(layout.order)
    let identifierColumn = batch.strings(layout.eventIdentifier)
    sessions = ColumnBuffer(capacity: rowCount)
    identities = ColumnBuffer(capacity: rowCount)
    users = ColumnBuffer(capacity: rowCount)
    orders = ColumnBuffer(capacity: rowCount)
    partitions = ColumnBuffer(capacity: rowCount)
    for row in 0..<rowCount {
      let hasUser = userColumn.views[row].length > 0
      let hasSession = mode == .given && sessionColumn.views[row].length > 0
      let key =
        hasSession ? sessionColumn.bytes(row) : hasUser ? userColumn.bytes(row) : identifierColumn.bytes(row)
      let session = Hash.hash128(key)
      let identity = Hash.hash128(identifierColumn.bytes(row), seed: session)
      // Every buffer has room for `rowCount` values, and nobody else has them yet.
      unsafe sessions.base[row] = session
      unsafe identities.base[row] = identity
      unsafe users.base[row] =
        Hash.hash64(hasUser ? userColumn.bytes(row) : key, seed: KeyHashes.userSeed)
      unsafe orders.base[row] =
        orderColumn.views[row].length > 0
        ? Hash.hash64(orderColumn.bytes(row), seed: KeyHashes.orderSeed) : identity.low ^ KeyHashes.orderSeed
      unsafe partitions.base[row] = Hash.murmur2(key) & 0x7FFF_FFFF
    }
    sessions.seal(count: rowCount)
    identities.seal(count: rowCount)
    users.seal(count: rowCount)
    orders.seal(count: rowCount)
    partitions.seal(count: rowCount)
  }
}
