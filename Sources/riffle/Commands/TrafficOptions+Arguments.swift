import Shoppers

extension TrafficOptions {
  /// What the flags of `produce` ask for; every flag has been checked.
  init(_ arguments: ParsedArguments, partitions: Int) {
    self.init()
    self.partitions = partitions
    if let seed = arguments.integer("seed") { self.seed = UInt64(seed) }
    if let count = arguments.integer("events") { eventCount = Int(count) }
    if let start = arguments.time("start") { self.start = start }
    if let scenario = arguments.text("scenario").flatMap(Scenario.init) { self.scenario = scenario }
    if let span = arguments.durationMilliseconds("span") { spanMilliseconds = span }
    if let key = arguments.text("partitions-key").flatMap(Key.init) { self.key = key }
    order = arguments.text("order") == "session-end" ? .sessionEnd : .time
    if let users = arguments.integer("users") { self.users = Int(users) }
    if let products = arguments.integer("products") { self.products = Int(products) }
    currency = arguments.given("currency")
    let rates: [(flag: String, option: WritableKeyPath<TrafficOptions, Double>)] = [
      ("anonymous", \.anonymousRate), ("duplicates", \.duplicateRate), ("far-duplicates", \.farDuplicateRate),
      ("malformed", \.malformedRate), ("disordered", \.disorderRate), ("late", \.lateRate),
      ("time-forms", \.timeFormRate), ("bots", \.botRate), ("refunds", \.refundRate),
    ]
    for (flag, option) in rates {
      if let rate = arguments.ratio(flag) { self[keyPath: option] = rate }
    }
    if let disorder = arguments.durationMilliseconds("disorder") { disorderMilliseconds = disorder }
    if let lateness = arguments.durationMilliseconds("lateness") { latenessMilliseconds = lateness }
  }
}
