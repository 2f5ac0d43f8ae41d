import Foundation
import Telemetry
import Testing

@testable import riffle

@Suite struct CSVTests {
  private func cells(_ text: String) -> [String]? {
    CSVRecord.cells(Array(text.utf8))?.map { String(decoding: $0, as: UTF8.self) }
  }

  private func event(_ columns: String, _ record: String, _ map: String...) throws -> String {
    let layout = try CSVLayout(columns: try #require(cells(columns)), try CSVMapping(map), path: "a.csv")
    return String(decoding: layout.event(try #require(CSVRecord.cells(Array(record.utf8)))), as: UTF8.self)
  }

  @Test func recordsFollowRFC4180() {
    #expect(cells("a,b,,") == ["a", "b", "", ""])
    #expect(cells("\"a,b\",\"c \"\"d\"\"\",e\r") == ["a,b", "c \"d\"", "e"])
    #expect(cells("a\"b,\"\"") == ["a\"b", ""])
    #expect(cells("\"line\nbreak\",x") == ["line\nbreak", "x"])
    #expect(cells("a,\"open") == nil && cells("\"") == nil)
    #expect(cells("") == [""])
  }

  @Test func fieldsGetTheirTypes() throws {
    let made = try event(
      "event_ts,event_type,user_id,price,quantity,utm.source,device_mobile,geo_lat,level,vip,note",
      "1700136000,purchase,007,9.90,2,google,1,48.1,3,true,say \"hi\"")
    #expect(
      made == #"{"event_ts":1700136000,"event_type":"purchase","user_id":"007","price":9.90,"quantity":2,"#
        + #""level":3,"vip":true,"note":"say \"hi\"","#
        + #""utm":{"source":"google"},"device":{"mobile":true},"geo":{"lat":48.1}}"#)
  }

  @Test func emptyCellsAreNoMembers() throws {
    #expect(try event("event_type,price,utm_source", ",,") == "{}")
    #expect(try event("event_type,utm_source", ",google") == #"{"utm":{"source":"google"}}"#)
  }

  @Test func columnsAreMapped() throws {
    let made = try event("t,kind,secret,visitor", "5,view,x,1", "t=event_ts,kind=event_type", "secret=,visitor=user_id")
    #expect(made == #"{"event_ts":5,"event_type":"view","user_id":"1"}"#)
  }

  @Test func everyEventIsJSON() throws {
    let text = "tab\t quote\" backslash\\ bell\u{7}"
    let made = try event("page,a\"b", "\"tab\t quote\"\" backslash\\ bell\u{7}\",1")
    let object = try #require(JSONSerialization.jsonObject(with: Data(made.utf8)) as? [String: Any])
    #expect(object["page"] as? String == text && object["a\"b"] as? Int == 1)
  }

  @Test(arguments: ["0", "-0.5", "1e5", "12.50", "1E-7"]) func numbersOfJSON(_ text: String) {
    #expect(JSONText.isNumber(Array(text.utf8)))
  }

  @Test(arguments: ["", "-", "012", "+1", ".5", "1.", "1e", "NaN", "0x1", "1,5", "1 "]) func otherText(_ text: String) {
    #expect(!JSONText.isNumber(Array(text.utf8)))
  }

  @Test func mistakesInTheMappingAreNamed() {
    func message(_ columns: [String], _ map: String...) -> String? {
      do throws(CommandError) {
        _ = try CSVLayout(columns: columns, try CSVMapping(map), path: "a.csv")
        return nil
      } catch {
        return error.code == .usage ? error.message : "another code"
      }
    }
    #expect(
      message(["time"], "tme=event_ts")?.contains("has no column 'tme', which --map names; did you mean 'time'?")
        == true)
    #expect(message(["a", "b"], "a=page,b=page")?.contains("'a' and 'b' of a.csv are both 'page'") == true)
    #expect(message(["a"], "a")?.contains("needs COLUMN=FIELD") == true)
    #expect(message(["a"], "a=page", "a=query")?.contains("twice") == true)
    #expect(message(["a", "page_url"], "a=page") == nil)
  }
}
