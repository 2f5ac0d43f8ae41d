import Foundation
import Query
import TestSupport
import Testing

@testable import riffle

@Suite struct QueryCommandTests {
  private let place = TemporaryDirectory()

  private func request(_ words: String...) throws -> QueryRequest {
    try QueryCommand.request(try ArgumentParser.parse(["query"] + words))
  }

  @Test func aQueryIsTextOrAFile() throws {
    let json = #"{"table":"events","select":"*","limit":1}"#
    let file = try place.write("query.json", bytes: Array(("\n" + json).utf8))
    #expect(try request(json) == request(file))
    #expect(try request(json).format == .json && request(json, "--format", "csv").format == .csv)
    #expect(throws: CommandError.self) { try request(place.file("nothing")) }
    #expect(throws: CommandError.usage("query: table: must name the table, such as \"events\"")) { try request("{}") }
  }

  @Test func answersComeFromTheDataDirectory() throws {
    let (file, data, output) = (place.file("events.ndjson"), place.file("data"), place.file("answer"))
    #expect(Riffle.main(["produce", "--to", file, "--events", "500", "--seed", "3"], [:]) == .success)
    #expect(Riffle.main(["backfill", file, "--data", data], [:]) == .success)
    func answer(_ json: String) throws -> String {
      #expect(Riffle.main(["query", json, "--data", data, "--format", "csv", "--output", output], [:]) == .success)
      return try String(contentsOfFile: output, encoding: .utf8)
    }
    let sums = try answer(#"{"table":"kpi_1m","measures":[{"sum":"purchases"},{"sum":"page_views"}]}"#)
    let counts = try answer(
      #"{"table":"events","measures":["#
        + #"{"count":"*","as":"sum_purchases","where":[{"column":"event_type","value":"purchase"}]},"#
        + #"{"count":"*","as":"sum_page_views","where":[{"column":"event_type","value":"page_view"}]}]}"#)
    #expect(sums == counts && sums.split(separator: "\n").count == 2)
    #expect(Riffle.main(["query", #"{"table":"event","select":"*"}"#, "--data", data], [:]) == .usage)
    let all = #"{"table":"events","select":"*"}"#
    #expect(Riffle.main(["query", all, "--data", place.file("x")], [:]) == .cannotOpenInput)
    #expect(Riffle.main(["query"], [:]) == .usage)
  }
}
