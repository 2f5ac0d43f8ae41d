internal import ColdStore
internal import Encodings
internal import Query
internal import Serving
internal import Telemetry
internal import Windows

/// Something that reads bytes which nobody vouches for. Whatever they are, it ends in a value or in a typed error:
/// never in a trap, a read out of bounds, or memory that the bytes do not justify.
///
/// Checksums are put right before the bytes are read, where there are some: else a fuzzer would never get past them.
package struct FuzzTarget: Sendable {
  package let name: String
  /// What reads, in a few words.
  package let purpose: String
  /// Longer inputs are slower and find nothing more.
  package let maximumByteCount: Int
  /// Inputs that are accepted, made by the engine's own writers: where a fuzzer starts from.
  package let seeds: @Sendable () throws -> [[UInt8]]
  /// Reads; throws what is said of the bytes.
  private let read: @Sendable ([UInt8]) throws -> Void

  init(
    _ name: String, _ purpose: String, maximumByteCount: Int = 8192, seeds: @escaping @Sendable () throws -> [[UInt8]],
    read: @escaping @Sendable ([UInt8]) throws -> Void
  ) {
    self.name = name
    self.purpose = purpose
    self.maximumByteCount = maximumByteCount
    self.seeds = seeds
    self.read = read
  }

  /// Reads `bytes`; nil where they are accepted, else why they are not. An error of another kind is a finding.
  package func refusal(of bytes: [UInt8]) -> String? {
    do {
      try read(bytes)
      return nil
    } catch {
      precondition(FuzzTarget.isTyped(error), "\(name) threw \(error), which does not say that bytes are bad")
      return "\(error)"
    }
  }

  /// The errors that are made for bad bytes.
  private static func isTyped(_ error: any Error) -> Bool {
    error is CorruptionError || error is DistinctSetError || error is QueryError || error is HTTPFailure
      || error is JSONError
  }

  /// Traps on purpose behind three bytes: a fuzzer that does not find it finds nothing.
  package static let canary = FuzzTarget("canary", "nothing: it traps", maximumByteCount: 16, seeds: { [[0]] }) {
    bytes in
    guard bytes.count > 2, bytes[0] == UInt8(ascii: "o"), bytes[1] == UInt8(ascii: "r") else { return }
    precondition(bytes[2] != UInt8(ascii: "e"), "the canary was found")
  }

  package static let all: [FuzzTarget] = [
    .page, .determinedPage, .composedPage, .tail, .segment, .commit, .identities, .keyGroup, .merger, .distinctSet,
    .message, .query,
    .httpTarget, .intake, .exportCursor, .placeCursor,
  ]
}
