import ColdStore
import Encodings
import TestSupport
import Testing

@Suite struct DeletionVectorTests {
  @Test(arguments: [1, 2, 3] as [UInt64])
  func equalsASet(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    for limit in [0, 1, 64, 1000] as [UInt32] {
      let some = (0..<limit).map { _ in UInt32.random(in: 0...limit, using: &random) }
      let others = (0..<limit / 2).map { _ in UInt32.random(in: 0...limit, using: &random) }
      let (vector, model) = (DeletionVector(some), Set(some))
      #expect(vector.rows == model.sorted(), "seed \(seed)")
      #expect((0...Int(limit)).allSatisfy { vector.contains($0) == model.contains(UInt32($0)) }, "seed \(seed)")
      #expect(vector.union(DeletionVector(others)).rows == model.union(others).sorted(), "seed \(seed)")
      let range = Int(limit / 3)..<Int(limit)
      let visible = vector.visible(in: range) ?? Array(0..<UInt32(range.count))
      #expect(visible == range.filter { !model.contains(UInt32($0)) }.map { UInt32($0 - range.lowerBound) })
      var writer = ByteWriter()
      vector.write(to: &writer)
      var reader = ByteReader(writer.bytes)
      #expect(try DeletionVector(from: &reader) == vector)
    }
  }

  @Test func aRowOutOfRangeIsAnError() {
    var writer = ByteWriter()
    for number in [2, UInt64(UInt32.max), UInt64.max] { writer.writeVarint(number) }
    var reader = ByteReader(writer.bytes)
    #expect(throws: CorruptionError.self) { try DeletionVector(from: &reader) }
  }
}
