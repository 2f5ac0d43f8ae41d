import Checkpoints
import Commerce
import CommerceTestSupport
import Query
import TestSupport
import Testing

@testable import Serving

@Suite struct CatalogRouteTests {
  @Test func tablesAreThoseOfTheCommit() throws {
    let shop = try AnsweringShop(seed: 2)
    let catalog = try shop.server.json("/catalog")
    let commit = try #require(try shop.run.newestCommit())
    #expect(catalog["commit"].integer == Int64(commit.epoch))
    let tables = catalog["tables"].array
    #expect(
      Set(tables.compactMap { $0["name"].text })
        == ["events", "sessions", "orders", "dead_letters", "ops_commits", "kpi_1m", "countries", "products"])
    for table in tables {
      let name = try #require(table["name"].text)
      var options = Export.Options()
      options.format = .csv
      let header = try shop.run.export(name, options).prefix { $0 != "\n" }
      #expect(table["columns"].array.compactMap { $0["name"].text }.joined(separator: ",") == header)
      #expect(table["bytes"].integer ?? 0 > 0 || table["stored_rows"].integer == 0, "\(name)")
      if name == "dead_letters" { #expect(table["days"].array.isEmpty && table["minimum_time"].isNull) }
      if name == "events" {
        #expect(table["stored_rows"].integer == Int64(try shop.run.rows(of: name).count))
        #expect(table["days"].array.map { $0.text } == ["2023-11-16"] && table["segments"].integer ?? 0 > 0)
        #expect(table["minimum_time"].text.map { $0 >= "2023-11-16T12:00:00Z" } == true)
        #expect(table["columns"].array.first { $0["name"].text == "event_ts" }?["type"].text == "time")
      }
    }
  }

  @Test func everyMetricOfAWindowIsDefined() throws {
    let shop = try AnsweringShop(seed: 2)
    let metrics = try shop.server.json("/metrics-dictionary")["metrics"].array
    let names = metrics.compactMap { $0["name"].text }
    #expect(names == KpiMetrics.names)
    let window = try shop.exported("kpi_1m")[0]
    #expect(Set(names).isSubset(of: window.names))
    func metric(_ name: String) throws -> JSON { try #require(metrics.first { $0["name"].text == name }) }
    #expect(try metric("page_views")["formula"].text == "number of page_view events")
    #expect(try metric("page_views")["additive"].flag == true)
    #expect(try metric("conversion_rate")["formula"].text == "purchases / sessions")
    #expect(try metric("conversion_rate")["unit"].text == "ratio" && metric("sessions")["additive"].flag == false)
    #expect(try metric("sessions")["formula"].text?.hasSuffix("of all events") == true)
    #expect(try metric("revenue")["formula"].text?.contains("purchase events") == true)
    for metric in metrics {
      for member in ["formula", "unit", "aggregation"] { #expect(metric[member].text?.isEmpty == false) }
    }
  }
}
