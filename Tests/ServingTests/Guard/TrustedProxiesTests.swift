import Testing

@testable import Serving

@Suite struct TrustedProxiesTests {
  private static let proxies = TrustedProxies(
    ["10.0.0.0/8", "192.0.2.7", "fd00::/8", "::1"].compactMap { AddressRange($0) })

  private func client(_ peer: String, _ fields: String...) throws -> String {
    var headers: HTTPHeaders = ["Host": "test"]
    for field in fields { headers.append("x-forwarded-for", field) }
    return "\(Self.proxies.client(of: try #require(ClientAddress(peer)), headers))"
  }

  @Test func strangersAreNotBelieved() throws {
    #expect(try client("203.0.113.9", "198.51.100.1") == "203.0.113.9")
    #expect(try client("192.0.2.8", "198.51.100.1") == "192.0.2.8")
    #expect(try client("2001:db8::1", "198.51.100.1") == "2001:db8::1")
    let none = TrustedProxies([])
    let (peer, headers) = (ClientAddress(high: 0, low: 0xFFFF_7F00_0001), ["X-Forwarded-For": "1.2.3.4"] as HTTPHeaders)
    #expect(none.client(of: peer, headers) == peer)
    #expect(Self.proxies.client(of: .unknown, headers) == .unknown)
  }

  @Test func aTrustedProxySaysWhoAsks() throws {
    #expect(try client("10.1.2.3", "198.51.100.1") == "198.51.100.1")
    #expect(try client("192.0.2.7", " 2001:db8::5\t") == "2001:db8::5")
    #expect(try client("fd12::1", "198.51.100.1:4711") == "198.51.100.1")
    #expect(try client("::1", "[2001:db8::5]:443") == "2001:db8::5")
    #expect(try client("10.1.2.3") == "10.1.2.3", "it says nothing")
  }

  /// What a client wrote itself stands before what the proxies appended.
  @Test func theLastStrangerIsTheClient() throws {
    #expect(try client("10.1.2.3", "127.0.0.1, 198.51.100.1") == "198.51.100.1")
    #expect(try client("10.1.2.3", "127.0.0.1, 198.51.100.1, 10.9.9.9, fd00::2") == "198.51.100.1")
    #expect(try client("10.1.2.3", "127.0.0.1", "198.51.100.1,10.9.9.9", "192.0.2.7") == "198.51.100.1")
    #expect(try client("10.1.2.3", "10.0.0.1, 10.0.0.2") == "10.0.0.1", "all are ours")
  }

  @Test(arguments: [
    "", "unknown", "_hidden", "198.51.100", "198.51.100.256", "1.2.3.4.5", "::g", "localhost", "[", "é",
  ])
  func whatIsNoAddressEndsTheList(_ entry: String) throws {
    #expect(try client("10.1.2.3", "198.51.100.1, \(entry)") == "10.1.2.3")
    #expect(try client("10.1.2.3", "198.51.100.1, \(entry), 10.9.9.9") == "10.9.9.9")
  }

  @Test func rangesAreOfOneLength() throws {
    let network = try #require(AddressRange("198.51.100.128/25"))
    #expect(network.contains(try #require(ClientAddress("198.51.100.200"))))
    #expect(!network.contains(try #require(ClientAddress("198.51.100.127"))))
    #expect(try #require(AddressRange("0.0.0.0/0")).contains(try #require(ClientAddress("8.8.8.8"))))
    #expect(!(try #require(AddressRange("0.0.0.0/0"))).contains(try #require(ClientAddress("2001:db8::1"))))
    #expect(try #require(AddressRange("::/0")).contains(try #require(ClientAddress("8.8.8.8"))))
    #expect(!(try #require(AddressRange("::/0"))).contains(.unknown))
    for text in ["", "/8", "10.0.0.0/33", "10.0.0.1/8", "fd00::/129", "fd00::/-1", "10.0.0.0/ 8", "10.0.0.0/08", "all"]
    {
      #expect(AddressRange(text) == nil, "\(text)")
    }
  }
}
