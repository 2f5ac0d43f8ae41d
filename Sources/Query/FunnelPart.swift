internal import Columns

/// An event that matches a step of a funnel: all that a funnel needs of it, in 32 bytes.
struct FunnelEvent: Sendable, BitwiseCopyable {
  /// Event time in milliseconds.
  var time: Int64
  /// The position of the event in its source.
  var offset: Int64
  /// The source's rank by topic and partition.
  var source: Int32
  /// The position of its unit among those of its part.
  var unit: UInt32
  /// The group of units that it is of; that of a chain's first event decides.
  var group: UInt32
  /// Code of the event type, below 64, as the funnel's steps count them.
  var type: UInt8

  /// The total order of the events of a unit.
  static func < (left: FunnelEvent, right: FunnelEvent) -> Bool {
    if left.time != right.time { return left.time < right.time }
    if left.source != right.source { return left.source < right.source }
    return left.offset < right.offset
  }
}

/// Some users or sessions with all of their events, in no order.
struct FunnelPart: Sendable {
  /// Hashed keys, of which some may be there several times.
  var units: [Hash128] = []
  var events: [FunnelEvent] = []
}

/// What one worker found, in parts that are small enough for the processor's caches.
///
/// `@unchecked Sendable`: one thread at a time has it, as `ScanWorkers` hands it out.
final class FunnelParts: @unchecked Sendable {
  static let count = 64
  fileprivate(set) var parts = [FunnelPart](repeating: FunnelPart(), count: FunnelParts.count)

  /// With room for about as many events; memory that is not written to costs nothing.
  init(eventCount: Int) {
    for part in parts.indices { parts[part].events.reserveCapacity(eventCount / FunnelParts.count) }
  }

  /// Stored bytes of the columns that were read.
  var bytesRead = 0

  /// Adds `count` events of a row group, whose units are positions among `units`; those of another share than `share`
  /// of `shareCount` are left out. O(events + units).
  func add(_ count: Int, units: [Hash128], share: UInt64, of shareCount: UInt64, event: (Int) -> FunnelEvent) {
    var parts = self.parts
    self.parts = []
    defer { self.parts = parts }
    // The part of each unit, and its place there.
    let places = units.map { unit -> (part: UInt32, unit: UInt32) in
      guard shareCount == 1 || unit.high % shareCount == share else { return (FunnelParts.none, 0) }
      let part = FunnelParts.part(of: unit)
      parts[part].units.append(unit)
      return (UInt32(part), UInt32(parts[part].units.count - 1))
    }
    for position in 0..<count {
      var event = event(position)
      let place = places[Int(event.unit)]
      guard place.part != FunnelParts.none else { continue }
      event.unit = place.unit
      parts[Int(place.part)].events.append(event)
    }
  }

  private static let none = UInt32.max

  private static func part(of unit: Hash128) -> Int { Int(truncatingIfNeeded: unit.low) & (count - 1) }
}
