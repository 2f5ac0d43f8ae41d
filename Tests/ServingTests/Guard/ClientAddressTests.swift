import Testing

@testable import Serving

@Suite struct ClientAddressTests {
  private static let v4 = ClientAddress(high: 0, low: 0xFFFF_C000_0201)
  private static let v6 = ClientAddress(high: 0x2001_0DB8_0000_0001, low: 5)

  @Test func addressesAreWrittenAsNumbers() {
    #expect("\(Self.v4)" == "192.0.2.1")
    #expect("\(Self.v6)" == "2001:db8:0:1::5")
    #expect("\(ClientAddress.unknown)" == "?")
  }

  @Test func addressesAreRead() {
    #expect(ClientAddress("192.0.2.1") == Self.v4 && ClientAddress("::ffff:192.0.2.1") == Self.v4)
    #expect(ClientAddress("2001:db8:0:1::5") == Self.v6)
    for text in [
      "", "192.0.2", "10", "fe", "192.0.2.01", "192.0.2.1\0", "0x7f.0.0.1", "2001:db8::5%eth0", "[::1]", "a\0b",
    ] {
      #expect(ClientAddress(text) == nil, "\(text)")
    }
  }

  @Test func aNetworkIsWhatOneCustomerHas() {
    #expect(Self.v4.network == Self.v4)
    #expect(Self.v6.network == ClientAddress(high: 0x2001_0DB8_0000_0001, low: 0))
  }

  @Test func loopbackIsOfBothKinds() {
    #expect(ClientAddress(high: 0, low: 0xFFFF_7F00_0001).isLoopback)
    #expect(ClientAddress(high: 0, low: 1).isLoopback)
    #expect(!Self.v4.isLoopback && !Self.v6.isLoopback && !ClientAddress.unknown.isLoopback)
  }
}
