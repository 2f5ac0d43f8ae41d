internal import Checkpoints
internal import Commerce
internal import Query
internal import Telemetry

extension EngineRoutes {
  /// `/dlq`: messages that could not be taken, the newest of each partition first.
  var deadLetters: Route {
    Route(
      .get, "/dlq", "Messages that could not be taken, with reason and bytes; the highest offsets first.",
      parameters: [
        HTTPParameter("reason", "Those of one reason only, such as malformed_json."),
        HTTPParameter(
          "limit", "The most letters of an answer, 1 to 500, 50 by default; 8 MiB of bytes end it too.",
          .integer(1...500)),
        PlaceCursor.parameter, ReadMode.parameter,
      ]
    ) { request in
      let (mode, asked) = (try ReadMode(request.query), try DeadLetterRequest(request.query))
      return read(mode) { EngineRoutes.json(try deadLettersAnswer($0, asked)) }
    }.answering(.json("The newest first.", .deadLetters), .problem(503, "Nothing is committed yet."))
  }

  private func deadLettersAnswer(_ snapshot: Snapshot, _ asked: DeadLetterRequest) throws -> [UInt8] {
    let (letters, next) = try deadLetterPage(snapshot, asked)
    var reasons: [String: Int64] = [:]
    for source in snapshot.commit.sources { reasons.merge(source.reasons, uniquingKeysWith: +) }
    var json = JSONWriter()
    writeRead(snapshot, asOf: try snapshot.asOf(), to: &json) { json in
      json.field("total", reasons.values.reduce(0, +))
      json.key("by_reason")
      json.object { json in
        for (reason, count) in reasons.sorted(by: { $0.key < $1.key }) { json.field(reason, count) }
      }
      json.field("count", letters.count)
      json.key("dead_letters")
      json.array { json in
        for letter in letters { json.object { letter.write(to: &$0) } }
      }
      json.field("next_cursor", next?.text)
    }
    return json.bytes
  }

  /// Places first, then the bytes of a few at a time, so that long messages end a page before they fill the memory.
  private func deadLetterPage(
    _ snapshot: Snapshot, _ asked: DeadLetterRequest
  ) throws -> (letters: [DeadLetter], next: PlaceCursor?) {
    let places = asked.left(try rows(asked.query, snapshot).map { DeadLetter(place: $0) })
    var page: [DeadLetter] = []
    var byteCount = 0
    for start in stride(from: 0, to: min(places.count, asked.limit), by: DeadLetterRequest.lettersAtOnce) {
      let end = min(start + DeadLetterRequest.lettersAtOnce, places.count, asked.limit)
      let wanted = Array(places[start..<end])
      let raws = try rows(asked.rawQuery(wanted), snapshot).map { DeadLetter(place: $0) }
      let byPlace = Dictionary(raws.map { ($0.place, $0.raw) }, uniquingKeysWith: { first, _ in first })
      for var letter in wanted {
        letter.raw = byPlace[letter.place] ?? nil
        page.append(letter)
        byteCount += letter.raw?.count ?? 0
      }
      if byteCount >= DeadLetterRequest.bytesMax { break }
    }
    return (page, page.count < places.count ? asked.next(page) : nil)
  }
}

/// A message that could not be taken.
struct DeadLetter: Sendable {
  struct Place: Sendable, Hashable {
    let topic: String
    let partition: Int64
    let offset: Int64
  }

  let place: Place
  let reason: OutputValue
  let field: OutputValue
  var raw: [UInt8]?

  /// - Parameter row: topic, partition, offset, reason, field, and the bytes where they were asked for.
  init(place row: [OutputValue]) {
    place = Place(topic: row[0].text, partition: Sales.count(row[1]), offset: Sales.count(row[2]))
    (reason, field) = (row[3], row[4])
    if row.count > 5, case .text(let bytes) = row[5] { raw = bytes }
  }

  /// The bytes as text where they are UTF-8, else in Base64, as exports have them.
  func write(to json: inout JSONWriter) {
    json.field("topic", place.topic)
    json.field("partition", place.partition)
    json.field("offset", place.offset)
    json.field("reason", reason)
    json.field("field", field)
    let text = raw.flatMap { String(validating: $0, as: UTF8.self) }
    json.field("raw", text)
    json.field("raw_base64", text == nil ? raw.map(LogRows.base64) : nil)
  }
}

/// What `/dlq` was asked.
private struct DeadLetterRequest: Sendable {
  static let lettersAtOnce = 8
  static let bytesMax = 8 << 20

  let limit: Int
  private let reason: String?
  private let cursor: PlaceCursor?

  init(_ query: HTTPQuery) throws(HTTPFailure) {
    limit = Int(try query.integer("limit", default: 50, in: 1...500))
    reason = query.text("reason")
    cursor = try PlaceCursor(query)
  }

  private static let place = ["topic", "partition", "offset", "reason", "field"]

  /// One letter more than is shown, which tells whether there are more; and those of the cursor's offset that were.
  var query: QueryRequest {
    var query = QueryRequest(table: "dead_letters")
    if let reason { query.filters.append(QueryFilter("reason", .equal, .text(reason))) }
    if let cursor { query.filters.append(QueryFilter("offset", .lessOrEqual, .number(String(cursor.key)))) }
    query.select = DeadLetterRequest.place
    query.order = [QueryOrder("offset", isDescending: true)]
    query.limit = limit + 1 + (cursor?.sameKeyCount ?? 0)
    return query
  }

  /// The bytes of `letters`, and of others at the same offsets.
  func rawQuery(_ letters: [DeadLetter]) -> QueryRequest {
    var query = QueryRequest(table: "dead_letters")
    var filter = QueryFilter("offset", .oneOf)
    filter.literals = Set(letters.map(\.place.offset)).sorted().map { .number(String($0)) }
    query.filters = [filter]
    query.select = DeadLetterRequest.place + ["raw"]
    return query
  }

  /// Those of `letters` that come behind the cursor.
  func left(_ letters: [DeadLetter]) -> [DeadLetter] {
    letters.filter { letter in
      guard let cursor, cursor.key == letter.place.offset else { return true }
      return cursor.isBefore(
        topic: letter.place.topic, partition: letter.place.partition, offset: letter.place.offset)
    }
  }

  func next(_ page: [DeadLetter]) -> PlaceCursor? {
    guard let last = page.last?.place else { return nil }
    let onPage = page.reduce(0) { $0 + ($1.place.offset == last.offset ? 1 : 0) }
    let earlier = cursor.map { $0.key == last.offset ? $0.sameKeyCount : 0 } ?? 0
    return PlaceCursor(
      key: last.offset, sameKeyCount: onPage + earlier, topic: last.topic, partition: last.partition,
      offset: last.offset)
  }
}
