import Serving
import Testing

@testable import riffle

@Suite struct KeySettingsTests {
  private static let digest = String(repeating: "ab", count: 32)
  private static let file = """
    http:
      listen: 0.0.0.0:8000
      keys:
        - name: shop
          sha256: \(digest)
          scopes: [ingest]
          requests_per_second: 500
        - {name: ops, sha256: \(String(repeating: "cd", count: 32)), scopes: [read, export, admin]}
      anonymous_scopes: [read]
      hosts: [riffle.example]
      trusted_proxies: [10.0.0.7, fd00::/8]
      cors.origins: ["https://shop.example"]

    """

  @Test func keysAreRead() throws {
    let settings = try SettingsLoader.load(file: ("riffle.yaml", Self.file))
    #expect(settings.httpKeys.map(\.name) == ["shop", "ops"])
    #expect(settings.httpKeys[0].requestsPerSecond == 500 && settings.httpKeys[1].requestsPerSecond == nil)
    #expect(settings.httpKeys[1].scopes == [.read, .export, .admin])
    let rules = try Gatekeeper.Rules(settings)
    #expect(rules.keys.count == 2 && rules.anonymousScopes == [.read] && rules.limitsLoopback)
    #expect(rules.hosts?.contains("riffle.example") == true && rules.origins == ["https://shop.example"])
    #expect(rules.trustedProxies == [AddressRange("10.0.0.7"), AddressRange("fd00::/8")])
    #expect(throws: CommandError.self) { try SettingsLoader.load(overrides: ["http.trusted_proxies=[10.0.0.1/8]"]) }
  }

  @Test func keysComeFromTheEnvironment() throws {
    let text = "[{name: a, sha256: \(Self.digest), scopes: [read]}]"
    let settings = try SettingsLoader.load(environment: ["RIFFLE_HTTP_KEYS": text])
    #expect(settings.httpKeys.map(\.name) == ["a"])
  }

  @Test func hashesAreNotPrinted() throws {
    let settings = try SettingsLoader.load(file: ("riffle.yaml", Self.file))
    for text in [ConfigCheckCommand.table(settings), ConfigCheckCommand.json(settings)] {
      #expect(text.contains("shop") && text.contains("ingest") && text.contains("***"))
      #expect(!text.contains("abab") && !text.contains("cdcd"))
    }
  }

  @Test(arguments: [
    ("[{name: a, sha256: s3cr3t, scopes: [read]}]", "needs sha256"),
    ("[{name: a, key: s3cr3t, scopes: [read]}]", "and nothing else"),
    ("[{name: a, s3cr3t: x}]", "and nothing else"), ("[s3cr3t]", "must be a map"), ("s3cr3t", "must be a list"),
    ("{a: s3cr3t}", "must be a list"), ("[{sha256: s3cr3t}]", "needs a name"),
    ("[{name: a b, sha256: s3cr3t}]", "needs a name"), ("[{name: a, sha256: s3cr3t}]", "needs scopes"),
    ("[{name: a, sha256: s3cr3t, scopes: []}]", "must be a list of read"),
    ("[{name: a, sha256: s3cr3t, scopes: [write]}]", "must be a list of read"),
    ("[{name: a, sha256: \(digest), scopes: [read], requests_per_second: 0}]", "from 1 to"),
    (
      "[{name: a, sha256: \(digest), scopes: [read]}, {name: a, sha256: \(digest), scopes: [read]}]", "used twice"
    ),
    (
      "[{name: a, sha256: \(digest), scopes: [read]}, {name: b, sha256: \(digest), scopes: [read]}]", "the same key"
    ),
    ("[{name: a, sha256: [s3cr3t", "not readable"),
  ])
  func mistakesAreNamedAndTellNoSecret(_ text: String, _ sentence: String) {
    let error = #expect(throws: CommandError.self) { try SettingsLoader.load(overrides: ["http.keys=\(text)"]) }
    #expect(error?.message.contains(sentence) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("http.keys") == true)
    #expect(error?.message.contains("s3cr3t") == false && error?.message.contains("abab") == false)
  }

  @Test(arguments: [
    "http.hosts=[a/b]", "http.hosts=[a:80]", "http.hosts=a,a b", "http.cors.origins=[shop.example]",
    "http.cors.origins=[https://shop.example/]", "http.anonymous_scopes=[write]", "http.open=maybe",
  ])
  func otherMistakesAreNamed(_ text: String) {
    let error = #expect(throws: CommandError.self) { try SettingsLoader.load(overrides: [text]) }
    #expect(error?.message.contains("must be") == true)
  }

  @Test func strangersAreNotLetInByChance() throws {
    let listen = "http.listen=0.0.0.0:8000"
    let error = #expect(throws: CommandError.self) {
      try Gatekeeper.Rules(SettingsLoader.load(overrides: [listen]))
    }
    #expect(error?.code == .usage)
    #expect(error?.message.contains("riffle keys create") == true)
    #expect(error?.message.contains("http.open=true") == true)
    let key = "http.keys=[{name: a, sha256: \(Self.digest), scopes: [read]}]"
    #expect(try Gatekeeper.Rules(SettingsLoader.load(overrides: [listen, key])).anonymousScopes.isEmpty)
    let open = try Gatekeeper.Rules(SettingsLoader.load(overrides: [listen, "http.open=true"]))
    #expect(open.anonymousScopes.count == HTTPScope.allCases.count && open.hosts == nil && !open.limitsLoopback)
    #expect(open.addressRequestsPerSecond == 100)
  }

  @Test func keysInTheClearAreSaid() throws {
    let key = "http.keys=[{name: a, sha256: \(Self.digest), scopes: [read]}]"
    func advice(_ overrides: String...) throws -> String? {
      EngineServer.advice(try SettingsLoader.load(overrides: overrides))
    }
    #expect(try advice("http.listen=0.0.0.0:8000", key)?.contains("http.tls.certificate") == true)
    #expect(try advice("http.listen=0.0.0.0:8000", key, "http.tls.certificate=a", "http.tls.key=b") == nil)
    #expect(try advice(key) == nil)
    #expect(try advice("http.listen=0.0.0.0:8000", "http.open=true") == nil)
  }

  @Test(arguments: ["127.0.0.1:8000", "localhost:0", "[::1]:8000", "127.0.0.2:1"])
  func loopbackNeedsNoKeyAndAnswersToItsNames(_ listen: String) throws {
    let rules = try Gatekeeper.Rules(SettingsLoader.load(overrides: ["http.listen=\(listen)"]))
    #expect(rules.keys.isEmpty && rules.anonymousScopes.count == HTTPScope.allCases.count)
    #expect(rules.hosts?.contains("localhost") == true && rules.hosts?.contains(listen) == true)
  }
}
