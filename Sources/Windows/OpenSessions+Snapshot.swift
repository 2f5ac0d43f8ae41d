internal import Columns
internal import Dataflow
public import Encodings

// The snapshot: all buffered events, key by key, and only the texts that they use.
extension OpenSessions {
  /// Freezes all sessions: O(1) here, and a copy of what the key group next changes.
  func snapshot() -> StateSnapshot {
    let frozen = self
    return StateSnapshot { frozen.pieces() }
  }

  /// The stored form of all buffered events. O(events).
  func pieces() -> [[UInt8]] {
    var writer = SessionWriter(identifier: 1)
    for key in keys where !key.events.isEmpty { writer.append(key, texts: texts) }
    return writer.pieces(horizon: horizon, sealed: [])
  }

  /// The same in one piece.
  public func encoded() -> [UInt8] { Array(pieces().joined()) }

  /// Adds the keys of snapshots, one behind the other, that `belongs` accepts.
  public mutating func restore(from bytes: [UInt8], where belongs: ([UInt8]) -> Bool) throws(CorruptionError) {
    var reader = ByteReader(bytes)
    while !reader.isAtEnd { try restore(from: &reader, where: belongs) }
  }

  private mutating func restore(
    from reader: inout ByteReader, where belongs: ([UInt8]) -> Bool
  ) throws(CorruptionError) {
    var stored = try SessionReader(&reader, where: belongs)
    // Where input had ended everything was sealed; what comes now is sealed by its own time again.
    if stored.horizon != EventTime.distantFuture { raiseHorizon(to: stored.horizon) }
    var copy = SessionTextsCopy(into: takeTexts())
    for _ in 0..<(try reader.readVarint()) {
      let (key, event) = try stored.row(from: &reader)
      guard stored.keys[key].belongs else { continue }
      let code = code(of: stored.keys[key], firstTime: event.time)
      stored.keys[key].code = code
      append(copy.event(event, of: stored.texts), to: Int(code) - 1)
    }
    texts = copy.target
    try remove(try SessionReader.sealed(from: &reader))
  }

  private mutating func code(of key: SessionReader.Key, firstTime: Int64) -> UInt32 {
    key.code ?? find(key.hash) ?? add(key.hash, bytes: key.bytes, firstTime: firstTime)
  }

  /// The texts, for one who gives them back: held twice, they would be copied when another is added.
  private mutating func takeTexts() -> SessionTexts {
    defer { texts = SessionTexts() }
    return texts
  }
}
