import Testing

@testable import Serving

@Suite struct APIKeyTests {
  @Test func theHashIsSHA256() {
    let digest = Secrets.digest(Array("abc".utf8))
    let text = digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    #expect(text == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(Secrets.digest([]).first == 0xE3)
  }

  @Test func bytesAreEqualOrNot() {
    #expect(Secrets.isEqual([1, 2, 3], [1, 2, 3]))
    #expect(!Secrets.isEqual([1, 2, 3], [1, 2, 4]))
    #expect(!Secrets.isEqual([1, 2, 3], [1, 2]))
    #expect(Secrets.isEqual([], []))
  }

  @Test func newKeysAreLongAndDifferent() throws {
    let keys = (0..<100).map { _ in NewAPIKey() }
    #expect(Set(keys.map(\.text)).count == 100)
    for key in keys {
      #expect(key.text.hasPrefix("riffle_") && key.text.utf8.count == 7 + 43)
      #expect(key.text.utf8.allSatisfy { Character(UnicodeScalar($0)).isLetter || "0123456789-_".utf8.contains($0) })
      let known = try #require(APIKey(name: "a", digestText: key.digestText, scopes: [.read]))
      #expect(Secrets.isEqual(known.digest, Secrets.digest(Array(key.text.utf8))))
    }
  }

  @Test(arguments: ["", "abc", String(repeating: "0", count: 63), String(repeating: "g", count: 64)])
  func whatIsNoHashMakesNoKey(_ text: String) {
    #expect(APIKey(name: "a", digestText: text, scopes: [.read]) == nil)
  }

  @Test func aKeyDoesNotTellItsHash() throws {
    let key = try #require(APIKey(name: "shop", digestText: NewAPIKey().digestText, scopes: [.ingest, .read]))
    #expect("\(key)" == "shop (read, ingest)")
  }
}
