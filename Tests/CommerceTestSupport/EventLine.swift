internal import Columns

/// Messages for small fixtures.
package enum EventLine {
  /// 2023-11-16T12:00:00Z, a Thursday.
  package static let noon: Int64 = 1_700_136_000_000

  /// A message; `time` is in milliseconds, `more` are further members as JSON text: `"price":1.5,"currency":"EUR"`.
  package static func make(
    _ identifier: String, _ type: String, at time: Int64, session: String, user: String? = nil, _ more: String = ""
  ) -> [UInt8] {
    var text = #"{"event_id":"\#(identifier)","event_type":"\#(type)","event_ts":\#(time),"session_id":"\#(session)""#
    if let user { text += #","user_id":"\#(user)""# }
    if !more.isEmpty { text += "," + more }
    return Array((text + "}").utf8)
  }

  /// Page views of one session, one at each of `minutes` after noon, called `prefix` and the minute.
  package static func views(_ prefix: String, session: String, minutes: [Int64]) -> [[UInt8]] {
    minutes.map { make("\(prefix)\($0)", "page_view", at: noon + $0 * EventTime.minute, session: session) }
  }
}
