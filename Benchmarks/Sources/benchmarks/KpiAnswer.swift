import Foundation

/// The KPIs of every minute and the totals, in the columns that two systems can agree on.
///
/// Not compared: `window_end` and the ratios, which follow from the others, and `refunds` and `net_revenue`, which W1
/// does not have.
struct KpiAnswer {
  static let columns = [
    "page_views", "clicks", "searches", "add_to_carts", "checkouts", "purchases", "refund_events", "sessions",
    "unique_users", "orders", "revenue", "revenue_by_currency",
  ]
  static let totalNames = ["accepted", "duplicates"]

  private let totals: [String: String]
  /// Window start, then column, then the value as text.
  private let windows: [String: [String: String]]

  var windowCount: Int { windows.count }

  /// From a line of JSON and NDJSON.
  init(totals: String, windows: String) throws {
    self.totals = try KpiAnswer.values(of: totals, KpiAnswer.totalNames)
    var rows: [String: [String: String]] = [:]
    for line in windows.split(separator: "\n") {
      var row = try KpiAnswer.values(of: String(line), KpiAnswer.columns + ["window_start"])
      guard let start = row.removeValue(forKey: "window_start"), rows.updateValue(row, forKey: start) == nil else {
        throw BenchmarkError("two rows of one minute: \(line)", exitCode: 1)
      }
    }
    self.windows = rows
  }

  private static func values(of line: String, _ names: [String]) throws -> [String: String] {
    guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
      throw BenchmarkError("not a JSON object: \(line.prefix(200))", exitCode: 1)
    }
    var values: [String: String] = [:]
    for name in names {
      switch object[name] {
      case nil: throw BenchmarkError("\(name) is missing in \(line.prefix(200))", exitCode: 1)
      case let amounts as [String: String]:
        values[name] = amounts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      case is NSNull: values[name] = "null"
      case let value?: values[name] = "\(value)"
      }
    }
    return values
  }

  /// Where this answer, of Riffle, is not `expected`; at most `limit` sentences.
  func differences(from expected: KpiAnswer, limit: Int = 10) -> [String] {
    var found: [String] = []
    for name in KpiAnswer.totalNames where totals[name] != expected.totals[name] {
      found.append("\(name): \(totals[name] ?? "none") instead of \(expected.totals[name] ?? "none")")
    }
    for start in Set(windows.keys).union(expected.windows.keys).sorted() {
      guard let row = windows[start], let right = expected.windows[start] else {
        found.append("\(start): \(windows[start] == nil ? "no row" : "a row that should not be")")
        continue
      }
      for column in KpiAnswer.columns where row[column] != right[column] {
        found.append("\(start) \(column): \(row[column] ?? "none") instead of \(right[column] ?? "none")")
      }
    }
    return Array(found.prefix(limit))
  }
}
