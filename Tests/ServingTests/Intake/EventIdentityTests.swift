import TestSupport
import Testing

@testable import Serving

@Suite struct EventIdentityTests {
  @Test func anIdentityIsAUUIDOfVersionSeven() throws {
    var random = SeededRandom(seed: 1)
    let text = EventIdentity.make(at: 0x017F_22E2_79B0, &random)
    let groups = text.split(separator: "-")
    #expect(groups.map(\.count) == [8, 4, 4, 4, 12])
    #expect(text.hasPrefix("017f22e2-79b0-7"))
    #expect("89ab".contains(try #require(groups[3].first)))
    #expect(text.allSatisfy { $0 == "-" || ($0.isHexDigit && !$0.isUppercase) })
  }

  @Test func identitiesDifferAndFollowTime() {
    var random = SystemRandomNumberGenerator()
    let texts = (0..<1000).map { EventIdentity.make(at: 1_700_000_000_000 + $0, &random) }
    #expect(Set(texts).count == 1000)
    #expect(texts == texts.sorted())
  }
}
