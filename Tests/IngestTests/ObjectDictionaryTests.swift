import Columns
import Ingest
import Testing

/// A decoder that has seen inner objects before says the same as one that sees each message first.
@Suite struct ObjectDictionaryTests {
  /// Objects whose bytes begin alike, end early, or hold what cannot be kept.
  static let places = [
    #"{"lat":48.1351,"mobile":true}"#, #"{"lat":48.1351,"mobile":false}"#, #"{"mobile":true,"lat":48.1351}"#,
    #"{"lat":48.1351}"#, #"{ "lat" : 48.1351 }"#, "{\"lat\":1,\n\t\"mobile\":null}", "{}", "{ }", "null", "7",
    #"{"lat":1,"lat":2}"#, #"{"lat":1,"lat":null}"#, #"{"lat":null,"lat":1}"#, #"{"lat":"1"}"#, #"{"lat":"1","lat":1}"#,
    #"{"lat":1e400}"#, #"{"lat":1,}"#, #"{"lat":1"#, #"{"l\u0061t":3.5}"#, #"{"lat":1,"other":{"deep":[{}]}}"#,
  ]
  static let campaigns = [
    #"{"source":"a"}"#, #"{"source":"a}"}"#, #"{"source":"a}b"}"#, #"{"source":"a\"}"}"#, #"{"source":""}"#,
    #"{"source":null}"#, #"{"source":"\u00e4"}"#, #"{"source":"ä"}"#, #"{"source":"a","source":"b"}"#,
    #"{"source":"a","source":7}"#, #"{"source":"a","term":"}"}"#, #"{"term":"x"}"#, #"{"source":"a\q"}"#,
    "{\"source\":\"a\tb\"}", "{\"source\":\"a\"\t}", #"{"source":"a long campaign of more than sixteen bytes"}"#,
    #"{"source":"a long campaign of more than sixteen bits"}"#,
  ]

  private static func expectSame(_ messages: [[UInt8]], _ decoder: MessageDecoder, _ context: String) throws {
    let learned = decode(messages, decoder)
    let rejects = Dictionary(uniqueKeysWithValues: learned.rejects.map { ($0.row, $0) })
    let rows = learned.rows()
    var row = 0
    for (index, message) in messages.enumerated() {
      let fresh = decode([message], MessageDecoder(shape: try testShape()))
      let text = String(decoding: message, as: UTF8.self)
      if let reject = rejects[index] {
        #expect(fresh.rejects.first?.reason == reject.reason, "\(context): \(text)")
        #expect(fresh.rejects.first?.field == reject.field, "\(context): \(text)")
      } else {
        // The offset differs: it counts within the chunk.
        let expected = try #require(fresh.rows().first, "\(context): \(text)")
        #expect(rows[row][0] == expected[0] && rows[row][2...] == expected[2...], "\(context): \(text)")
        row += 1
      }
    }
    #expect(row == learned.batch.rowCount)
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func knownObjectsDecodeLikeNewOnes(seed: UInt64) throws {
    var random = Random(state: seed)
    let decoder = MessageDecoder(shape: try testShape())
    for chunk in 0..<4 {
      let messages = (0..<300).map { _ -> [UInt8] in
        var members = [#""event_type":"purchase""#, #""event_ts":1700000000"#]
        if Bool.random(using: &random) {
          members.append(#""geo":"# + (Self.places.randomElement(using: &random) ?? "{}"))
        }
        if Bool.random(using: &random) {
          members.append(#""utm":"# + (Self.campaigns.randomElement(using: &random) ?? "{}"))
        }
        // The same parent again: the last one counts.
        if Int.random(in: 0..<5, using: &random) == 0 {
          members.append(#""geo":"# + (Self.places.randomElement(using: &random) ?? "{}"))
        }
        members.shuffle(using: &random)
        return Array("{\(members.joined(separator: ","))}".utf8)
      }
      try Self.expectSame(messages, decoder, "seed \(seed) chunk \(chunk)")
    }
  }

  /// More forms than are kept, forms that are larger than what is kept, and long enough to give up and to try again.
  @Test func objectsThatVaryDecodeToo() throws {
    let decoder = MessageDecoder(shape: try testShape())
    var (number, long) = (0, String(repeating: "x", count: 9000))
    for _ in 0..<40 {
      let first = number
      let messages = (0..<4096).map { index -> [UInt8] in
        number += 1
        let source = index == 77 ? long : "s\(number % 1500)"
        return Array(message("\"geo\":{\"lat\":\(number).5},\"utm\":{\"source\":\"\(source)\"},").utf8)
      }
      let decoded = decode(messages, decoder)
      try #require(decoded.batch.rowCount == 4096)
      guard let latitude = decoded.batch.schema.index(of: "geo_lat"),
        case .real(let values) = decoded.batch.columns[latitude]
      else {
        Issue.record("no latitude")
        return
      }
      var wrong = 0
      for row in 0..<4096 {
        let expected = first + row + 1
        let source = row == 77 ? long : "s\(expected % 1500)"
        if values[row] != Double(expected) + 0.5 || decoded.text("utm_source", row) != source { wrong += 1 }
      }
      #expect(wrong == 0, "from \(first)")
      long += "y"
    }
  }
}
